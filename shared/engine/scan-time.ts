/** The engine's time limit ends this long before the function's timeout. */
const MARGIN_MS = 15_000;

/** The engine's time limit for one file, given the function's timeout. */
export function longestScanMs(functionTimeoutMs: number): number {
  return Math.max(functionTimeoutMs - MARGIN_MS, functionTimeoutMs / 2);
}
