/** Time is counted in slices; a slice in which the process was frozen counts as one, however long it was. */
const SLICE_MS = 100;

/** A timeout in time awake. Disposing it before it fires clears its timer. */
export interface AwakeTimeout extends Disposable {
  readonly signal: AbortSignal;
}

/**
 * Fires once this process has been awake for so long.
 *
 * Lambda freezes an environment, with all its processes, between two invocations, for seconds or
 * for an hour. A plain timer would fire on thaw, though the other process had no time to reply.
 */
export function awakeTimeout(ms: number): AwakeTimeout {
  const controller = new AbortController();
  let leftMs = ms;
  let checkedAt = performance.now();
  const timer = setInterval(
    () => {
      const now = performance.now();
      leftMs -= Math.min(now - checkedAt, 2 * SLICE_MS);
      checkedAt = now;
      if (leftMs > 0) return;
      clearInterval(timer);
      controller.abort(new Error(`timed out after ${ms} ms awake`));
    },
    Math.min(SLICE_MS, ms),
  ).unref();
  return { signal: controller.signal, [Symbol.dispose]: () => clearInterval(timer) };
}
