import type { ChildProcess } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { awakeTimeout } from '../platform/awake-timeout.ts';
import { describeError } from '../platform/errors.ts';
import { askVersion } from '../scan/clamd/connection.ts';
import { clamdConfiguration, type ClamdPaths } from './clamd-configuration.ts';
import { hangs, type HealthOptions, scansTooLong } from './clamd-health.ts';
import { endLeftover, notePid } from './clamd-leftover.ts';
import { endOf, runClamd, stopClamd } from './clamd-process.ts';
import { runsOutOfRoom, untilRoom } from './clamd-disk-space.ts';
import { EngineError } from './engine-error.ts';

export type EngineOptions = {
  /** A directory of clamd's own; created when missing. */
  readonly directory: string;
  /** Unix socket to listen on; its directory is created when missing. */
  readonly socket: string;
  readonly logFile: string;
  /** Directory of the database. */
  readonly signatures: string;
  readonly maxScanTimeMs: number;
  /** No client waits longer than this for a scan: clamd is killed rather than let one go on. */
  readonly abandonedAfterMs: number;
  /** Told when clamd died, or hung and was killed, and is being started again. */
  readonly onRestart: (why: string) => void;
  /** Gives up waiting for the database to load. */
  readonly signal?: AbortSignal;
};

/** A clamd of our own, which is started again whenever it dies, hangs or runs out of room. Disposing stops it for good. */
export interface Engine extends AsyncDisposable {
  readonly socket: string;
  /** As `Scanner.version` gives it. */
  readonly version: string;
  /** Of the process that runs now. */
  readonly pid: number | undefined;
}

/** The official database takes 10 to 20 seconds to load, longer on a busy machine. */
const LOADING_MS = 180_000;
const RESTART_PAUSE_MS = 500;
const HEALTH: HealthOptions = {
  askEveryMs: 1_000,
  answerMs: 3_000,
  silenceLimit: 2,
  loadingMs: LOADING_MS,
};

/** @throws EngineError when clamd is missing or does not come up, with its own last words */
export async function startEngine(options: EngineOptions): Promise<Engine> {
  const { directory, socket, logFile: log, onRestart } = options;
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const paths: ClamdPaths = {
    socket,
    signatures: options.signatures,
    temporaryDirectory: join(directory, 'tmp'),
    log,
  };
  const pidFile = join(directory, 'clamd.pid');
  const configuration = join(directory, 'clamd.conf');
  await mkdir(dirname(socket), { recursive: true, mode: 0o700 });
  await writeFile(configuration, clamdConfiguration(paths, options.maxScanTimeMs));
  await endLeftover(pidFile, configuration);

  const stopping = new AbortController();
  let clamd = await start();
  const version = await untilReady(clamd, options);
  const supervised = supervise();

  async function start(): Promise<ChildProcess> {
    const started = await runClamd(configuration, paths);
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
      await rm(paths.temporaryDirectory, { recursive: true, force: true });
      await untilRoom(directory, stopping.signal);
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
    const asked = { version: (within: AbortSignal) => askVersion(socket, within) };
    const watched = [
      hangs(asked, HEALTH, signal).then(killIf),
      scansTooLong(socket, options.abandonedAfterMs, signal).then(killIf),
      runsOutOfRoom(directory, signal).then(killIf),
    ] as const;
    const why = await endOf(process);
    over.abort();
    const [isHung, isTooLong, isFull] = await Promise.all(watched);
    if (isHung) return 'it no longer answered, and was killed';
    if (isFull) return `it was left without room in ${directory}, and was killed`;
    return isTooLong ? 'it went on with a scan that was given up, and was killed' : why;
  }

  return {
    socket,
    version,
    get pid() {
      return clamd.pid;
    },
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await stopClamd(clamd);
      await supervised;
      await rm(pidFile, { force: true });
    },
  };
}

async function untilReady(
  clamd: ChildProcess,
  { socket, logFile: log, signal }: EngineOptions,
): Promise<string> {
  const errors: string[] = [];
  clamd.stderr?.on('data', (chunk: Buffer) => errors.push(chunk.toString()));
  using patience = awakeTimeout(LOADING_MS);
  const loading = AbortSignal.any([patience.signal, ...(signal ? [signal] : [])]);
  while (clamd.exitCode === null && clamd.signalCode === null && !loading.aborted) {
    const version = await askVersion(socket, loading).catch(() => undefined);
    if (version !== undefined) return version;
    await sleep(20);
  }
  await stopClamd(clamd);
  if (signal?.aborted) throw new EngineError('Stopped before clamd was ready.');
  const words = errors.join('').trim() || (await lastLine(log)) || 'it gave no reason';
  throw new EngineError(`clamd did not start: ${words} (log: ${log}).`);
}

async function lastLine(log: string): Promise<string | undefined> {
  const text = await readFile(log, 'utf8').catch(() => '');
  return text.trim().split('\n').at(-1);
}
