import { statfs } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** Using this up between two checks would take more than 5 GB/s. */
const MIN_FREE_BYTES = 512 * 1024 * 1024;
const CHECK_EVERY_MS = 100;

async function hasDiskSpace(directory: string): Promise<boolean> {
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize >= MIN_FREE_BYTES;
}

/**
 * Watches the file system on which clamd unpacks: resolves with `true` when space runs low, with
 * `false` when `signal` fires.
 *
 * On a full disk ClamAV 1.4 reports a PDF or a mail as clean although it could not unpack the
 * attachment. So it is killed before that, and its unpacked files are removed.
 */
export async function watchDiskSpace(directory: string, signal: AbortSignal): Promise<boolean> {
  while (!signal.aborted) {
    // The directory is recreated for each clamd.
    if (!(await hasDiskSpace(directory).catch(() => true))) return !signal.aborted;
    await sleep(CHECK_EVERY_MS, undefined, { signal }).catch(() => {});
  }
  return false;
}

/** Resolves when there is enough space, or `signal` fires. */
export async function waitForDiskSpace(directory: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && !(await hasDiskSpace(directory).catch(() => true))) {
    await sleep(CHECK_EVERY_MS, undefined, { signal }).catch(() => {});
  }
}
