import { readFile, rm, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode } from '../platform/errors.ts';
import { commandLineOf } from './clamd-process.ts';

/** A killed process takes a moment to go, and keeps its log open until then. */
const CHECK_EVERY_MS = 10;

/** Saves clamd's process id for `killLeftover`, in case we are killed. */
export async function savePid(pidFile: string, pid: number | undefined): Promise<void> {
  await writeFile(pidFile, `${pid ?? ''}\n`);
}

/**
 * Kills the clamd that a killed runtime left behind, and waits for its exit. Process ids are
 * reused, so the command line must name our configuration.
 */
export async function killLeftover(pidFile: string, configuration: string): Promise<void> {
  const pid = Number(await readFile(pidFile, 'utf8').catch(() => 'none'));
  const isOurs = async (): Promise<boolean> => (await commandLineOf(pid)).includes(configuration);
  while (await isOurs()) {
    kill(pid);
    await sleep(CHECK_EVERY_MS);
  }
  await rm(pidFile, { force: true });
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (errorCode(error) !== 'ESRCH') throw error; // already gone
  }
}
