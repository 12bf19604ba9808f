/** Makes a `switch` exhaustive for the compiler; throws if a value does not match its type at run time. */
export function assertNever(value: never): never {
  throw new Error(`unexpected value ${JSON.stringify(value)}`);
}
