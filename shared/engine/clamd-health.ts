import { setTimeout as sleep } from 'node:timers/promises';
import { awakeTimeout } from '../platform/awake-timeout.ts';
import { IngestError } from '../model/ingest-error.ts';
import { runningScansMs } from './clamd-stats.ts';

export type HealthOptions = {
  readonly askEveryMs: number;
  /** clamd answers this question beside its scans, however busy it is: within milliseconds. */
  readonly answerMs: number;
  /** Silences in a row after which it counts as hung. */
  readonly silenceLimit: number;
  /** Until the first answer it may be loading, but not longer than this. */
  readonly loadingMs: number;
};

/**
 * Watches one clamd process: resolves with `true` when it hangs, with `false` when `signal` fires.
 *
 * A clamd that hangs takes every file down with it, and only killing it helps. One that refuses connections is not hung: it is
 * starting, or has ended, and its exit says so. All times are times awake: a frozen environment
 * has not hung.
 */
export async function hangs(
  clamd: { version(signal: AbortSignal): Promise<string> },
  options: HealthOptions,
  signal: AbortSignal,
): Promise<boolean> {
  const { askEveryMs, answerMs, silenceLimit, loadingMs } = options;
  using loading = awakeTimeout(loadingMs);
  let isLoaded = false;
  let silences = 0;
  while (!signal.aborted) {
    using patience = awakeTimeout(answerMs);
    try {
      await clamd.version(AbortSignal.any([signal, patience.signal]));
      isLoaded = true;
      silences = 0;
    } catch (error) {
      const isSilent = error instanceof IngestError && error.code === 'DEADLINE_NEAR';
      silences = isSilent ? silences + 1 : 0;
    }
    const isHung = isLoaded ? silences >= silenceLimit : loading.signal.aborted;
    if (isHung) return !signal.aborted;
    await sleep(askEveryMs, undefined, { signal }).catch(() => {});
  }
  return false;
}

const LOOK_EVERY_MS = 1_000;

/**
 * Watches the scans of one clamd process: resolves with `true` when one has run for longer than
 * anybody waits for it, with `false` when `signal` fires.
 *
 * A client that gives up does not stop its scan, and the engine's own time limit does not stop
 * every one (a zip of 100,000 empty members takes minutes). A few of those would take all threads.
 * clamd counts a scan's time by the clock: one that was frozen for so long was given up, too.
 */
export async function scansTooLong(
  socketPath: string,
  longestMs: number,
  signal: AbortSignal,
): Promise<boolean> {
  while (!signal.aborted) {
    using patience = awakeTimeout(longestMs);
    const waiting = AbortSignal.any([signal, patience.signal]);
    const scans = await runningScansMs(socketPath, waiting).catch(() =>
      // It is a thread for scans that answers: none was free all the time. Or clamd has ended.
      waiting.aborted ? [Infinity] : [],
    );
    if (Math.max(0, ...scans) > longestMs) return !signal.aborted;
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => {});
  }
  return false;
}
