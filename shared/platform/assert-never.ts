/** Makes a `switch` exhaustive for the compiler; throws if the types lied at run time. */
export function assertNever(value: never): never {
  throw new Error(`unexpected value ${JSON.stringify(value)}`);
}
