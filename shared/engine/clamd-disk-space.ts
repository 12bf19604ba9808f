import { statfs } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** Less than this is left before anybody looks again only where more than 5 GB/s are written. */
const LEAST_BYTES = 512 * 1024 * 1024;
const LOOK_EVERY_MS = 100;

/** Whether the directory's file system has room for what clamd unpacks. */
async function hasRoom(directory: string): Promise<boolean> {
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize >= LEAST_BYTES;
}

/**
 * Watches the room in which clamd unpacks: resolves with `true` when it gets scarce, with `false`
 * when `signal` fires.
 *
 * Where there is no room at all, ClamAV 1.4 calls a PDF or a mail clean whose attachment it could not
 * unpack. Killed before that, it calls nothing clean, and what it had unpacked is removed.
 */
export async function runsOutOfRoom(directory: string, signal: AbortSignal): Promise<boolean> {
  while (!signal.aborted) {
    // The directory is made anew with each clamd.
    if (!(await hasRoom(directory).catch(() => true))) return !signal.aborted;
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => {});
  }
  return false;
}

/** Resolves when there is room, or `signal` fires. */
export async function untilRoom(directory: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && !(await hasRoom(directory).catch(() => true))) {
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => {});
  }
}
