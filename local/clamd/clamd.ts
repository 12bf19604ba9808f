import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describeError, errorCode } from '../../shared/platform/errors.ts';
import { clamdScanner } from '../../shared/scan/clamd-scanner.ts';
import type { Scanner } from '../../shared/scan/scanner.ts';
import { StartError } from '../start-error.ts';
import { clamdConfiguration, type ClamdPaths } from './configuration.ts';
import { hangs, type HealthOptions, scansTooLong } from './health.ts';
import { endLeftover, notePid } from './leftover.ts';
import { socketPath } from './socket-path.ts';
import type { Signatures } from './signatures.ts';

export type ClamdOptions = {
  /** A directory of clamd's own; created when missing. */
  readonly directory: string;
  readonly logFile: string;
  readonly signatures: Signatures;
  readonly maxScanTimeMs: number;
  /** No client waits longer than this for a scan: clamd is killed rather than let one go on. */
  readonly abandonedAfterMs?: number;
  /** Told when clamd died, or hung and was killed, and is being started again. */
  readonly onRestart: (why: string) => void;
  /** Gives up waiting for the database to load. */
  readonly signal?: AbortSignal;
};

/** A clamd of our own, which is started again whenever it dies or hangs. Disposing stops it for good. */
export interface Clamd extends AsyncDisposable {
  readonly socket: string;
  readonly signatures: Signatures;
  /** As `Scanner.version` gives it. */
  readonly version: string;
  /** Of the process that runs now. */
  readonly pid: number | undefined;
}

/** Where package managers put daemons, often not on a user's PATH. */
const DAEMON_DIRECTORIES = ['/usr/sbin', '/usr/local/sbin', '/opt/homebrew/sbin'];

/** The official database takes 10 to 20 seconds to load, longer on a busy machine. */
const LOADING_MS = 180_000;
const RESTART_PAUSE_MS = 500;
/** Lambda's limit. */
const LONGEST_INVOCATION_MS = 900_000;
const HEALTH: HealthOptions = {
  askEveryMs: 1_000,
  answerMs: 3_000,
  silenceLimit: 2,
  loadingMs: LOADING_MS,
};
/** clamd ends within moments of SIGTERM, unless a scan holds it. */
const STOPPING_MS = 2_000;

/** @throws StartError when clamd is missing or does not come up, with its own last words */
export async function startClamd(options: ClamdOptions): Promise<Clamd> {
  const { directory, logFile: log, signatures, onRestart } = options;
  const { abandonedAfterMs = LONGEST_INVOCATION_MS } = options;
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const paths: ClamdPaths = {
    socket: socketPath(directory),
    signatures: signatures.directory,
    temporaryDirectory: join(directory, 'tmp'),
    log,
  };
  const pidFile = join(directory, 'clamd.pid');
  const configuration = join(directory, 'clamd.conf');
  await mkdir(dirname(paths.socket), { recursive: true, mode: 0o700 });
  await writeFile(configuration, clamdConfiguration(paths, options.maxScanTimeMs));
  await endLeftover(pidFile, configuration);

  const stopping = new AbortController();
  const scanner = await clamdScanner(paths.socket);
  let clamd = await start();
  const version = await untilReady(clamd, scanner, options);
  const supervised = supervise();

  async function start(): Promise<ChildProcess> {
    const started = await run(configuration, paths);
    await notePid(pidFile, started.pid);
    return started;
  }

  /** Ends with `stopping`; until then there is always a clamd, or one about to start. */
  async function supervise(): Promise<void> {
    while (!stopping.signal.aborted) {
      const why = await endedOrHung(clamd);
      if (stopping.signal.aborted) return;
      onRestart(why);
      await sleep(RESTART_PAUSE_MS, undefined, { signal: stopping.signal }).catch(() => {});
      if (stopping.signal.aborted) return;
      clamd = await start().catch((error: unknown) => {
        onRestart(describeError(error));
        return clamd;
      });
    }
  }

  async function endedOrHung(process: ChildProcess): Promise<string> {
    const over = new AbortController();
    const signal = AbortSignal.any([stopping.signal, over.signal]);
    const killIf = (is: boolean): boolean => is && process.kill('SIGKILL');
    const watched = [
      hangs(scanner, HEALTH, signal).then(killIf),
      scansTooLong(paths.socket, abandonedAfterMs, signal).then(killIf),
    ] as const;
    const why = await ended(process);
    over.abort();
    const [isHung, isTooLong] = await Promise.all(watched);
    if (isHung) return 'it no longer answered, and was killed';
    return isTooLong ? 'it went on with a scan that was given up, and was killed' : why;
  }

  return {
    socket: paths.socket,
    signatures,
    version,
    get pid() {
      return clamd.pid;
    },
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await stop(clamd);
      await supervised;
      await rm(pidFile, { force: true });
      if (dirname(paths.socket) !== directory) await rm(dirname(paths.socket), { recursive: true });
    },
  };
}

async function run(configuration: string, paths: ClamdPaths): Promise<ChildProcess> {
  await rm(paths.temporaryDirectory, { recursive: true, force: true });
  await mkdir(paths.temporaryDirectory, { mode: 0o700 });
  const path = [process.env['PATH'], ...DAEMON_DIRECTORIES].join(delimiter);
  const clamd = spawn('clamd', ['--config-file', configuration], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, PATH: path },
    // A Ctrl-C at the terminal is for us; clamd is stopped last, when nobody scans any more.
    detached: true,
  });
  try {
    await once(clamd, 'spawn');
  } catch (cause) {
    if (errorCode(cause) !== 'ENOENT') throw cause;
    throw new StartError('clamd is not installed; "npm start" installs it or says how.', { cause });
  }
  // Nobody reads it after the start; a full pipe would stall clamd.
  clamd.stderr?.resume();
  return clamd;
}

async function untilReady(
  clamd: ChildProcess,
  scanner: Scanner,
  { logFile: log, signal }: ClamdOptions,
): Promise<string> {
  const errors: string[] = [];
  clamd.stderr?.on('data', (chunk: Buffer) => errors.push(chunk.toString()));
  const loading = AbortSignal.any([AbortSignal.timeout(LOADING_MS), ...(signal ? [signal] : [])]);
  while (clamd.exitCode === null && clamd.signalCode === null && !loading.aborted) {
    const version = await scanner.version(loading).catch(() => undefined);
    if (version !== undefined) return version;
    await sleep(20);
  }
  await stop(clamd);
  if (signal?.aborted) throw new StartError('Stopped before clamd was ready.');
  const words = errors.join('').trim() || (await lastLine(log)) || 'it gave no reason';
  throw new StartError(`clamd did not start: ${words} (log: ${log}).`);
}

async function ended(clamd: ChildProcess): Promise<string> {
  if (clamd.exitCode === null && clamd.signalCode === null) await once(clamd, 'exit');
  return clamd.signalCode ?? `exit code ${clamd.exitCode}`;
}

async function stop(clamd: ChildProcess): Promise<void> {
  const gone = ended(clamd);
  clamd.kill('SIGTERM');
  const force = setTimeout(() => clamd.kill('SIGKILL'), STOPPING_MS);
  await gone;
  clearTimeout(force);
}

async function lastLine(log: string): Promise<string | undefined> {
  const text = await readFile(log, 'utf8').catch(() => '');
  return text.trim().split('\n').at(-1);
}
