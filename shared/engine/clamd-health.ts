import { setTimeout as sleep } from 'node:timers/promises';
import { awakeTimeout } from '../platform/awake-timeout.ts';
import { IngestError } from '../model/ingest-error.ts';
import { runningScansMs } from './clamd-stats.ts';

export type HealthOptions = {
  readonly askEveryMs: number;
  /** clamd answers VERSION within milliseconds, however many scans it runs. */
  readonly answerMs: number;
  /** Consecutive timeouts after which it counts as hung. */
  readonly timeoutLimit: number;
  /** How long loading, until the first answer, may take. */
  readonly loadingMs: number;
};

/**
 * Watches one clamd process: resolves with `true` when it hangs, with `false` when `signal` fires.
 *
 * While clamd hangs no file can be scanned, and only killing it helps. A clamd that refuses
 * connections is not hung: it is starting, or has exited, which its exit event reports. All times
 * are times awake, so that a frozen environment does not count as hung.
 */
export async function watchForHang(
  clamd: { version(signal: AbortSignal): Promise<string> },
  options: HealthOptions,
  signal: AbortSignal,
): Promise<boolean> {
  const { askEveryMs, answerMs, timeoutLimit, loadingMs } = options;
  using loading = awakeTimeout(loadingMs);
  let isLoaded = false;
  let timeoutCount = 0;
  while (!signal.aborted) {
    using timeout = awakeTimeout(answerMs);
    try {
      await clamd.version(AbortSignal.any([signal, timeout.signal]));
      isLoaded = true;
      timeoutCount = 0;
    } catch (error) {
      const isTimeout = error instanceof IngestError && error.code === 'DEADLINE_NEAR';
      timeoutCount = isTimeout ? timeoutCount + 1 : 0;
    }
    const isHung = isLoaded ? timeoutCount >= timeoutLimit : loading.signal.aborted;
    if (isHung) return !signal.aborted;
    await sleep(askEveryMs, undefined, { signal }).catch(() => {});
  }
  return false;
}

const CHECK_EVERY_MS = 1_000;

/**
 * Watches the scans of one clamd process: resolves with `true` when one has run longer than any
 * client waits for it, with `false` when `signal` fires.
 *
 * A client that gives up does not stop its scan, and the engine's own time limit does not stop all
 * of them (a zip of 100,000 empty members takes minutes). A few such scans would occupy all threads.
 * clamd counts wall-clock time, also while frozen; a scan frozen that long was given up as well.
 */
export async function watchForLongScans(
  socketPath: string,
  longestMs: number,
  signal: AbortSignal,
): Promise<boolean> {
  while (!signal.aborted) {
    using timeout = awakeTimeout(longestMs);
    const waiting = AbortSignal.any([signal, timeout.signal]);
    const scans = await runningScansMs(socketPath, waiting).catch(() =>
      // STATS is answered by a scan thread: on a timeout none was free. Any other error: clamd has ended.
      waiting.aborted ? [Infinity] : [],
    );
    if (Math.max(0, ...scans) > longestMs) return !signal.aborted;
    await sleep(CHECK_EVERY_MS, undefined, { signal }).catch(() => {});
  }
  return false;
}
