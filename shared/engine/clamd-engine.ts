import type { ChildProcess } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { awakeTimeout } from '../platform/awake-timeout.ts';
import { describeError } from '../platform/errors.ts';
import { askVersion } from '../scan/clamd/connection.ts';
import { clamdConfiguration, type ClamdPaths } from './clamd-configuration.ts';
import { type HealthOptions, watchForHang, watchForLongScans } from './clamd-health.ts';
import { killLeftover, savePid } from './clamd-leftover.ts';
import { runClamd, stopClamd, waitForExit } from './clamd-process.ts';
import { waitForDiskSpace, watchDiskSpace } from './clamd-disk-space.ts';
import { EngineError } from './engine-error.ts';

export type EngineOptions = {
  /** Used by this clamd alone; created when missing. */
  readonly directory: string;
  /** Unix socket to listen on; its directory is created when missing. */
  readonly socket: string;
  readonly logFile: string;
  /** Directory of the database. */
  readonly signatures: string;
  readonly maxScanTimeMs: number;
  /** No client waits longer than this for a scan; clamd is killed when one runs longer. */
  readonly abandonedAfterMs: number;
  /** Called when clamd died, or hung and was killed, and is being restarted. */
  readonly onRestart: (why: string) => void;
  /** Stops the wait for the database to load. */
  readonly signal?: AbortSignal;
};

/** A supervised clamd: restarted when it dies, hangs or runs out of disk space. Disposing stops it. */
export interface Engine extends AsyncDisposable {
  readonly socket: string;
  /** As `Scanner.version`. */
  readonly version: string;
  /** Of the current process. */
  readonly pid: number | undefined;
}

/** The official database takes 10 to 20 seconds to load, longer on a busy machine. */
const LOADING_MS = 180_000;
const RESTART_PAUSE_MS = 500;
const HEALTH: HealthOptions = {
  askEveryMs: 1_000,
  answerMs: 3_000,
  timeoutLimit: 2,
  loadingMs: LOADING_MS,
};

/** @throws EngineError when clamd is not installed or does not start, with its error output */
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
  await killLeftover(pidFile, configuration);

  const stopping = new AbortController();
  let clamd = await start();
  const version = await waitUntilReady(clamd, options);
  const supervised = supervise();

  async function start(): Promise<ChildProcess> {
    const started = await runClamd(configuration, paths);
    await savePid(pidFile, started.pid);
    return started;
  }

  /** Restarts clamd until `stopping` aborts. */
  async function supervise(): Promise<void> {
    while (!stopping.signal.aborted) {
      const why = await waitForEnd(clamd);
      if (stopping.signal.aborted) return;
      onRestart(why);
      await sleep(RESTART_PAUSE_MS, undefined, { signal: stopping.signal }).catch(() => {});
      await rm(paths.temporaryDirectory, { recursive: true, force: true });
      await waitForDiskSpace(directory, stopping.signal);
      if (stopping.signal.aborted) return;
      clamd = await start().catch((error: unknown) => {
        onRestart(describeError(error));
        return clamd;
      });
    }
  }

  async function waitForEnd(process: ChildProcess): Promise<string> {
    const exited = new AbortController();
    const signal = AbortSignal.any([stopping.signal, exited.signal]);
    const killIf = (isDue: boolean): boolean => isDue && process.kill('SIGKILL');
    const versionPort = { version: (within: AbortSignal) => askVersion(socket, within) };
    const watched = [
      watchForHang(versionPort, HEALTH, signal).then(killIf),
      watchForLongScans(socket, options.abandonedAfterMs, signal).then(killIf),
      watchDiskSpace(directory, signal).then(killIf),
    ] as const;
    const why = await waitForExit(process);
    exited.abort();
    const [isHung, isTooLong, isFull] = await Promise.all(watched);
    if (isHung) return 'it stopped answering, and was killed';
    if (isFull) return `it ran out of disk space in ${directory}, and was killed`;
    return isTooLong ? 'it was still running a scan that had been given up, and was killed' : why;
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

async function waitUntilReady(
  clamd: ChildProcess,
  { socket, logFile: log, signal }: EngineOptions,
): Promise<string> {
  const errors: string[] = [];
  clamd.stderr?.on('data', (chunk: Buffer) => errors.push(chunk.toString()));
  using timeout = awakeTimeout(LOADING_MS);
  const loading = AbortSignal.any([timeout.signal, ...(signal ? [signal] : [])]);
  while (clamd.exitCode === null && clamd.signalCode === null && !loading.aborted) {
    const version = await askVersion(socket, loading).catch(() => undefined);
    if (version !== undefined) return version;
    await sleep(20);
  }
  await stopClamd(clamd);
  if (signal?.aborted) throw new EngineError('Stopped before clamd was ready.');
  const reason = errors.join('').trim() || (await lastLine(log)) || 'it gave no reason';
  throw new EngineError(`clamd did not start: ${reason} (log: ${log}).`);
}

async function lastLine(log: string): Promise<string | undefined> {
  const text = await readFile(log, 'utf8').catch(() => '');
  return text.trim().split('\n').at(-1);
}
