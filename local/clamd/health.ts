import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { IngestError } from '../../shared/platform/errors.ts';
import type { Scanner } from '../../shared/scan/scanner.ts';

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
 * starting, or has ended, and its exit says so.
 */
export async function hangs(
  scanner: Pick<Scanner, 'version'>,
  options: HealthOptions,
  signal: AbortSignal,
): Promise<boolean> {
  const { askEveryMs, answerMs, silenceLimit, loadingMs } = options;
  const startedAt = Date.now();
  let isLoaded = false;
  let silences = 0;
  while (!signal.aborted) {
    try {
      await scanner.version(AbortSignal.any([signal, AbortSignal.timeout(answerMs)]));
      isLoaded = true;
      silences = 0;
    } catch (error) {
      const isSilent = error instanceof IngestError && error.code === 'DEADLINE_NEAR';
      silences = isSilent ? silences + 1 : 0;
    }
    const isHung = isLoaded ? silences >= silenceLimit : Date.now() - startedAt > loadingMs;
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
 */
export async function scansTooLong(
  socketPath: string,
  longestMs: number,
  signal: AbortSignal,
): Promise<boolean> {
  while (!signal.aborted) {
    const waiting = AbortSignal.any([signal, AbortSignal.timeout(longestMs)]);
    const longest = await longestScanMs(socketPath, waiting).catch(() =>
      // It is a thread for scans that answers: none was free all the time. Or clamd has ended.
      waiting.aborted ? Infinity : 0,
    );
    if (longest > longestMs) return !signal.aborted;
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => {});
  }
  return false;
}

/** https://docs.clamav.net/manual/Usage/Scanning.html#clamd */
async function longestScanMs(socketPath: string, signal: AbortSignal): Promise<number> {
  const socket = connect(socketPath);
  const stop = (): void => void socket.destroy(new Error('no answer in time'));
  signal.addEventListener('abort', stop, { once: true });
  try {
    socket.write('nSTATS\n');
    const seconds = (await text(socket)).matchAll(/^\t\w*SCAN\w* ([\d.]+)/gm).map(([, s]) => s);
    return Math.max(0, ...seconds.map(Number)) * 1000;
  } finally {
    signal.removeEventListener('abort', stop);
    socket.destroy();
  }
}
