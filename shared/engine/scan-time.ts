/** The engine gives up on a file this long before the function that waits for it is killed. */
const MARGIN_MS = 15_000;

/** How long the engine may take over one file, in a function with so much time. */
export function longestScanMs(functionTimeoutMs: number): number {
  return Math.max(functionTimeoutMs - MARGIN_MS, functionTimeoutMs / 2);
}
