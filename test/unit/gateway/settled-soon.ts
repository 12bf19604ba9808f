/** Later than everything that is ready to go on. */
export function settledSoon(): Promise<string> {
  return new Promise((resolve) => {
    setImmediate(() => setImmediate(resolve, 'still waiting'));
  });
}
