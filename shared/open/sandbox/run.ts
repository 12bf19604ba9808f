import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { IngestError } from '../../model/ingest-error.ts';
import { describeError } from '../../platform/errors.ts';
import { type OpeningBudget, OPENING } from '../opening-budget.ts';
import { measure } from './measure.ts';
import type { Workshop } from './workshop.ts';

/** How a program ended. */
export type Ran = {
  /** `undefined` when it was killed. */
  readonly exitCode: number | undefined;
  /** The limit that it was killed for, or the signal that killed it. */
  readonly killedFor: 'time' | 'size' | (string & {}) | undefined;
  /** What it wrote to both streams, shortened. */
  readonly said: string;
  /** To its standard error alone. */
  readonly errors: string;
  /** A file with all that it wrote to its standard output. */
  readonly output: string;
};

/** Memory of one program. Archives are packed with dictionaries of at most 192 MiB by default. */
const ADDRESS_SPACE_BYTES = 1024 * 2 ** 20;
const OPEN_FILES = 128;
/** With less a program may have failed for want of it. */
const MIN_FREE_BYTES = 64 * 2 ** 20;
const SAID_BYTES = 64 * 1024;
const WATCH_EVERY_MS = 100;

/** Exit codes with which prlimit and setpriv say that they could not start the program. */
const NOT_STARTED = [126, 127];

/**
 * Runs a program on hostile bytes: with limits on memory, processor time, file size and open files,
 * without privileges to gain and without our environment (which has credentials), in a process group
 * of its own that is killed at the end of the budget, when `signal` fires, when its output grows beyond
 * the budget, and when we die. Not a jail: it can read and write what our user can. docs/verdicts.md
 * says what remains.
 *
 * Limits other than those on time and size hold on Linux only.
 *
 * @throws IngestError `DEADLINE_NEAR`, `SCANNER_UNAVAILABLE` when it cannot be started
 */
export async function run(
  command: readonly [program: string, ...args: string[]],
  { path, out }: Pick<Workshop, 'path' | 'out'>,
  budget: OpeningBudget,
  signal: AbortSignal,
): Promise<Ran> {
  if (signal.aborted) throw deadlineNear();
  const output = join(path, 'stdout');
  const errors = join(path, 'stderr');
  await using stdout = await open(output, 'w', 0o600);
  await using stderr = await open(errors, 'w', 0o600);
  const [program, ...args] = confined(command, budget);
  const startedAt = performance.now();
  const child = spawn(program, args, {
    cwd: out,
    env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LANG: 'C.UTF-8' },
    stdio: ['ignore', stdout.fd, stderr.fd],
    detached: true,
  });
  try {
    await once(child, 'spawn');
  } catch (cause) {
    throw new IngestError('SCANNER_UNAVAILABLE', describeError(cause), { cause });
  }
  const overrun = await untilEnd(child, out, budget, signal);
  budget.takeTime(performance.now() - startedAt);
  if (signal.aborted) throw deadlineNear();
  const complaint = await head(errors);
  const said = `${complaint}\n${await head(output)}`;
  if (child.exitCode !== null && NOT_STARTED.includes(child.exitCode)) {
    throw new IngestError('SCANNER_UNAVAILABLE', `${command[0]} cannot be run: ${said.trim()}`);
  }
  if (child.exitCode !== 0 && !(await hasRoom(path)))
    throw new IngestError(
      'SCANNER_UNAVAILABLE',
      `there is no room to open files with ${command[0]}`,
    );
  return {
    exitCode: child.exitCode ?? undefined,
    killedFor: overrun ?? child.signalCode ?? undefined,
    said,
    errors: complaint,
    output,
  };
}

function confined(
  command: readonly [string, ...string[]],
  budget: OpeningBudget,
): readonly [string, ...string[]] {
  if (process.platform !== 'linux') return command;
  const limits = [
    `--as=${ADDRESS_SPACE_BYTES}`,
    `--cpu=${Math.ceil(Math.max(budget.msLeft, 1) / 1000) * 2}`,
    `--fsize=${Math.min(OPENING.memberBytes + 1, Math.max(budget.bytesLeft, 0) + 2 ** 20)}`,
    `--nofile=${OPEN_FILES}`,
    '--core=0',
  ];
  return ['prlimit', ...limits, 'setpriv', '--no-new-privs', '--pdeathsig', 'KILL', ...command];
}

/** Resolves when the program has ended; kills it when it must end earlier, and says why. */
async function untilEnd(
  child: ChildProcess,
  out: string,
  budget: OpeningBudget,
  signal: AbortSignal,
): Promise<'time' | 'size' | undefined> {
  const ended = new AbortController();
  const exit = once(child, 'exit').finally(() => ended.abort());
  const until = performance.now() + budget.msLeft;
  const kill = (): void => killGroup(child);
  signal.addEventListener('abort', kill, { once: true });
  let overrun: 'time' | 'size' | undefined;
  const end = AbortSignal.any([ended.signal, signal]);
  while (await sleep(WATCH_EVERY_MS, true, { signal: end, ref: true }).catch(() => false)) {
    if (performance.now() > until) overrun = 'time';
    else if (!(await fits(out, budget))) overrun = 'size';
    if (overrun === undefined) continue;
    kill();
    break;
  }
  await exit;
  signal.removeEventListener('abort', kill);
  return overrun;
}

async function fits(directory: string, budget: OpeningBudget): Promise<boolean> {
  const { count, bytes } = await measure(directory, budget.membersLeft);
  return count <= budget.membersLeft && bytes <= budget.bytesLeft;
}

async function hasRoom(directory: string): Promise<boolean> {
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize >= MIN_FREE_BYTES;
}

function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

async function head(path: string): Promise<string> {
  await using file = await open(path, 'r');
  const { buffer, bytesRead } = await file.read(Buffer.alloc(SAID_BYTES), 0, SAID_BYTES, 0);
  return buffer.toString('utf8', 0, bytesRead);
}

function deadlineNear(): IngestError {
  return new IngestError('DEADLINE_NEAR', 'opening was stopped before the deadline');
}
