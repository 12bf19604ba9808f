/** Resolves after everything that is ready to run. */
export function settledSoon(): Promise<string> {
  return new Promise((resolve) => {
    setImmediate(() => setImmediate(resolve, 'still waiting'));
  });
}
