/**
 * A slow day for copying and scanning together, in bytes per millisecond (20 MB/s). Measured: clamd
 * with the official database reads random bytes at 84 MB/s or more, S3 is faster still.
 */
const SLOW_BYTES_PER_MS = 20_000;
/** Calls to S3, SNS and EventBridge, whatever the size. */
const CALLS_MS = 2_000;
/** An object that may need more than this share of the whole time is started if this much is left. */
const MOST_OF_THE_TIME = 0.8;

/**
 * Whether an object should be started with so much time left. One that is unlikely to finish is
 * left to the next invocation: aborted midway, its work would be wasted.
 *
 * @param wholeMs what the invocation had at its start
 */
export function mayStart(sizeBytes: number, remainingMs: number, wholeMs: number): boolean {
  const neededMs = CALLS_MS + sizeBytes / SLOW_BYTES_PER_MS;
  return remainingMs >= Math.min(neededMs, wholeMs * MOST_OF_THE_TIME);
}
