import { readFile, rm, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode } from '../platform/errors.ts';
import { commandOf } from './clamd-process.ts';

/** A killed process is gone within moments, but not at once, and it holds its log until then. */
const LOOK_EVERY_MS = 10;

/** Notes which process is ours, so that `endLeftover` finds it when we are killed. */
export async function notePid(pidFile: string, pid: number | undefined): Promise<void> {
  await writeFile(pidFile, `${pid ?? ''}\n`);
}

/**
 * Ends the clamd of a runtime that was killed, and waits for its end. A process is that clamd when
 * its command line has our configuration; process ids are used again.
 */
export async function endLeftover(pidFile: string, configuration: string): Promise<void> {
  const pid = Number(await readFile(pidFile, 'utf8').catch(() => 'none'));
  const isOurs = async (): Promise<boolean> => (await commandOf(pid)).includes(configuration);
  while (await isOurs()) {
    kill(pid);
    await sleep(LOOK_EVERY_MS);
  }
  await rm(pidFile, { force: true });
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (errorCode(error) !== 'ESRCH') throw error; // gone in this very moment
  }
}
