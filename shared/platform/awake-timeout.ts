/** Time is counted in slices; one in which the process slept counts as one, however long it was. */
const SLICE_MS = 100;

/** A deadline in time awake. Disposing it before it fires frees its timer. */
export interface AwakeTimeout extends Disposable {
  readonly signal: AbortSignal;
}

/**
 * Fires after this process was awake for so long.
 *
 * Lambda freezes an environment, with all its processes, between two invocations, for seconds or
 * for an hour. A timer that was set before is over when it wakes, and whoever was asked had no
 * time to answer: by the clock everything would seem to hang.
 */
export function awakeTimeout(ms: number): AwakeTimeout {
  const controller = new AbortController();
  let leftMs = ms;
  let lookedAt = performance.now();
  const timer = setInterval(
    () => {
      const now = performance.now();
      leftMs -= Math.min(now - lookedAt, 2 * SLICE_MS);
      lookedAt = now;
      if (leftMs > 0) return;
      clearInterval(timer);
      controller.abort(new Error(`${ms} ms awake are over`));
    },
    Math.min(SLICE_MS, ms),
  ).unref();
  return { signal: controller.signal, [Symbol.dispose]: () => clearInterval(timer) };
}
