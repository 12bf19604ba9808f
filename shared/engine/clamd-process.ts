import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { delimiter } from 'node:path';
import { promisify } from 'node:util';
import { errorCode } from '../platform/errors.ts';
import type { ClamdPaths } from './clamd-configuration.ts';
import { EngineError } from './engine-error.ts';

/** Where package managers put daemons, often not on a user's PATH. */
const DAEMON_DIRECTORIES = ['/usr/sbin', '/usr/local/sbin', '/opt/homebrew/sbin'];

/** clamd ends within moments of SIGTERM, unless a scan holds it. */
const STOPPING_MS = 2_000;

/** Starts clamd in a temporary directory that is empty. @throws EngineError when it is not installed */
export async function runClamd(configuration: string, paths: ClamdPaths): Promise<ChildProcess> {
  await rm(paths.temporaryDirectory, { recursive: true, force: true });
  await mkdir(paths.temporaryDirectory, { mode: 0o700 });
  const path = [process.env['PATH'], ...DAEMON_DIRECTORIES].join(delimiter);
  const clamd = spawn('clamd', ['--config-file', configuration], {
    stdio: ['ignore', 'ignore', 'pipe'],
    // Not our own, which has credentials; and it tells its signatures' date by its time zone.
    env: { PATH: path, TZ: 'UTC' },
    // A Ctrl-C at the terminal is for us; clamd is stopped last, when nobody scans any more.
    detached: true,
  });
  try {
    await once(clamd, 'spawn');
  } catch (cause) {
    if (errorCode(cause) !== 'ENOENT') throw cause;
    throw new EngineError('clamd is not installed.', { cause });
  }
  // Nobody reads it after the start; a full pipe would stall clamd.
  clamd.stderr?.resume();
  return clamd;
}

/** Resolves with how it ended. */
export async function endOf(clamd: ChildProcess): Promise<string> {
  if (clamd.exitCode === null && clamd.signalCode === null) await once(clamd, 'exit');
  return clamd.signalCode ?? `exit code ${clamd.exitCode}`;
}

/** Resolves when it has ended. */
export async function stopClamd(clamd: ChildProcess): Promise<void> {
  const gone = endOf(clamd);
  clamd.kill('SIGTERM');
  const force = setTimeout(() => clamd.kill('SIGKILL'), STOPPING_MS);
  await gone;
  clearTimeout(force);
}

/** The command line of a process; empty when there is no such process. */
export async function commandOf(pid: number): Promise<string> {
  try {
    return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).replaceAll('\0', ' ').trim();
  } catch {
    // No /proc (macOS), or no such process.
  }
  const ps = promisify(execFile)('ps', ['-o', 'command=', '-p', String(pid)]);
  return await ps.then(
    ({ stdout }) => stdout.trim(),
    () => '',
  );
}
