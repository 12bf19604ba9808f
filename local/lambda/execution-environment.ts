import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { type Invocation, Reply } from './protocol.ts';

export type LocalFunction = {
  readonly name: string;
  /** File URL of the module. */
  readonly moduleUrl: string;
  readonly exportName: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly memoryMb: number;
  /** Receives what the function prints, per process and stream. */
  readonly onOutput: (output: Readable) => void;
  /**
   * Where each environment gets a directory of its own that stands for Lambda's /tmp, and is removed
   * when its process ends. Default: they share the machine's.
   */
  readonly tmpRoot?: string;
};

/** How long the output of a process that has exited is waited for. */
const LAST_WORDS_MS = 500;

const BOOTSTRAP = fileURLToPath(new URL('bootstrap.ts', import.meta.url));

/**
 * One process that runs a function as Lambda would: with its own environment and module state, one
 * invocation at a time, killed at the function's timeout. It may have died in a failed invocation,
 * see `isAlive`.
 */
export class ExecutionEnvironment implements AsyncDisposable {
  readonly #function: LocalFunction;
  readonly #process: ChildProcess;
  readonly #exited: Promise<unknown>;
  /** Its output has been read to the end; later than the exit where a process of its own still holds the pipe. */
  readonly #printed: Promise<unknown>;

  /** @param tmp its own */
  private constructor(fn: LocalFunction, tmp: string | undefined) {
    this.#function = fn;
    this.#process = fork(BOOTSTRAP, [fn.moduleUrl, fn.exportName], {
      env: { ...fn.environment, ...(tmp !== undefined && { TMPDIR: tmp }) },
      execArgv: [`--max-old-space-size=${fn.memoryMb}`],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const output of [this.#process.stdout, this.#process.stderr]) {
      if (output) fn.onOutput(output);
    }
    this.#exited = once(this.#process, 'exit').then(() => discard(tmp));
    this.#printed = once(this.#process, 'close');
  }

  /** Resolves when the module is loaded. @throws Error when loading fails; see the function's log */
  static async start(fn: LocalFunction): Promise<ExecutionEnvironment> {
    const tmp = fn.tmpRoot && join(fn.tmpRoot, randomUUID());
    if (tmp) await mkdir(tmp, { recursive: true, mode: 0o700 });
    const environment = new ExecutionEnvironment(fn, tmp);
    await environment.#nextReply();
    return environment;
  }

  get isAlive(): boolean {
    // After a signal there is no exit code, and the channel may still seem connected.
    const { connected, exitCode, signalCode } = this.#process;
    return connected && exitCode === null && signalCode === null;
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** @throws Error when the handler threw, the process died, or the timeout passed */
  async invoke(event: unknown): Promise<unknown> {
    const { timeoutMs, name } = this.#function;
    const invocation: Invocation = {
      requestId: randomUUID(),
      event,
      deadlineAt: Date.now() + timeoutMs,
    };
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      this.#process.kill('SIGKILL');
    }, timeoutMs);
    try {
      const reply = this.#nextReply();
      // A send error means that the process died, which `exit` reports; without a callback it would be thrown.
      this.#process.send(invocation, () => {});
      return await reply;
    } catch (error) {
      throw timedOut
        ? new Error(`${name} timed out after ${timeoutMs / 1000} seconds`, { cause: error })
        : error;
    } finally {
      clearTimeout(timer);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.#exited;
    await Promise.race([this.#printed, sleep(LAST_WORDS_MS, undefined, { ref: false })]);
    this.#process.stdout?.destroy();
    this.#process.stderr?.destroy();
  }

  async #nextReply(): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const onMessage = (message: unknown): void => {
      const reply = v.parse(Reply, message);
      if (reply.kind === 'error') reject(new Error(`${this.#function.name}: ${reply.error}`));
      else resolve(reply.kind === 'result' ? reply.result : undefined);
    };
    const onExit = (code: number | null, signal: string | null): void => {
      reject(new Error(`${this.#function.name} exited with ${signal ?? `code ${code}`}`));
    };
    this.#process.once('message', onMessage).once('exit', onExit);
    try {
      return await promise;
    } finally {
      this.#process.off('message', onMessage).off('exit', onExit);
    }
  }
}

/** What cannot be removed now is removed at the next start. */
async function discard(tmp: string | undefined): Promise<void> {
  if (tmp !== undefined) await rm(tmp, { recursive: true, force: true }).catch(() => {});
}
