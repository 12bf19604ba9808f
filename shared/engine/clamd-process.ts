import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { delimiter } from 'node:path';
import { promisify } from 'node:util';
import { errorCode } from '../platform/errors.ts';
import type { ClamdPaths } from './clamd-configuration.ts';
import { EngineError } from './engine-error.ts';

/** Where package managers install daemons; often not on a user's PATH. */
const DAEMON_DIRECTORIES = ['/usr/sbin', '/usr/local/sbin', '/opt/homebrew/sbin'];

/** clamd ends soon after SIGTERM, unless a scan is running. */
const STOPPING_MS = 2_000;

/** Starts clamd with an empty temporary directory. @throws EngineError when it is not installed */
export async function runClamd(configuration: string, paths: ClamdPaths): Promise<ChildProcess> {
  await rm(paths.temporaryDirectory, { recursive: true, force: true });
  await mkdir(paths.temporaryDirectory, { mode: 0o700 });
  const path = [process.env['PATH'], ...DAEMON_DIRECTORIES].join(delimiter);
  const clamd = spawn('clamd', ['--config-file', configuration], {
    stdio: ['ignore', 'ignore', 'pipe'],
    // Ours has credentials. TZ: clamd reports its signatures' date in local time.
    env: { PATH: path, TZ: 'UTC' },
    // Keeps Ctrl-C at the terminal from clamd, which is stopped last, after all scans.
    detached: true,
  });
  try {
    await once(clamd, 'spawn');
  } catch (cause) {
    if (errorCode(cause) !== 'ENOENT') throw cause;
    throw new EngineError('clamd is not installed.', { cause });
  }
  // Unread after the start; a full pipe would block clamd.
  clamd.stderr?.resume();
  return clamd;
}

/** Resolves with the signal or exit code. */
export async function waitForExit(clamd: ChildProcess): Promise<string> {
  if (clamd.exitCode === null && clamd.signalCode === null) await once(clamd, 'exit');
  return clamd.signalCode ?? `exit code ${clamd.exitCode}`;
}

/** Sends SIGTERM, then SIGKILL; resolves on exit. */
export async function stopClamd(clamd: ChildProcess): Promise<void> {
  const gone = waitForExit(clamd);
  clamd.kill('SIGTERM');
  const force = setTimeout(() => clamd.kill('SIGKILL'), STOPPING_MS);
  await gone;
  clearTimeout(force);
}

/** Empty when there is no such process. */
export async function commandLineOf(pid: number): Promise<string> {
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
