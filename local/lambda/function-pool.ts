import { EventEmitter, once } from 'node:events';
import { ExecutionEnvironment, type LocalFunction } from './execution-environment.ts';

/** Waiting this long for a warm environment is better than starting a process. */
const MAX_WAIT_MS = 250;

/**
 * The execution environments of one function: kept warm, each with one invocation at a time. A new
 * one is started only when none gets free in time. Their number is limited by the caller's
 * concurrent invocations.
 */
export class FunctionPool implements AsyncDisposable {
  readonly #function: LocalFunction;
  readonly #keepsWarm: boolean;
  readonly #all = new Set<ExecutionEnvironment>();
  readonly #idle: ExecutionEnvironment[] = [];
  readonly #starting = new Set<Promise<ExecutionEnvironment>>();
  readonly #freed = new EventEmitter();
  #isClosed = false;

  /** @param keepsWarm false for a function that is called too seldom to be worth its memory */
  constructor(fn: LocalFunction, keepsWarm: boolean) {
    this.#function = fn;
    this.#keepsWarm = keepsWarm;
    this.#freed.setMaxListeners(0);
  }

  /** Process ids of the current environments. */
  get pids(): readonly number[] {
    return [...this.#all].flatMap(({ pid }) => pid ?? []);
  }

  /** Starts the first environment, so that the first file does not wait for it. */
  async warmUp(): Promise<void> {
    this.#idle.push(await this.#start());
  }

  /** @throws Error as `ExecutionEnvironment.invoke`, or when no environment could be started */
  async invoke(event: unknown): Promise<unknown> {
    const environment = await this.#acquire();
    try {
      return await environment.invoke(event);
    } finally {
      await this.#release(environment);
    }
  }

  /** Waits for environments that are just starting, to stop them too. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    await Promise.allSettled(this.#starting);
    await Promise.all([...this.#all].map((environment) => environment[Symbol.asyncDispose]()));
  }

  async #acquire(): Promise<ExecutionEnvironment> {
    const maxWait = AbortSignal.timeout(MAX_WAIT_MS);
    while (!maxWait.aborted && this.#all.size > 0) {
      const idle = this.#idle.pop();
      if (idle?.isAlive) return idle;
      if (idle) this.#all.delete(idle);
      else await once(this.#freed, 'freed', { signal: maxWait }).catch(() => {});
    }
    return this.#idle.pop() ?? (await this.#start());
  }

  async #release(environment: ExecutionEnvironment): Promise<void> {
    if (environment.isAlive && this.#keepsWarm) {
      this.#idle.push(environment);
    } else {
      this.#all.delete(environment);
      await environment[Symbol.asyncDispose]();
    }
    this.#freed.emit('freed');
  }

  async #start(): Promise<ExecutionEnvironment> {
    if (this.#isClosed) throw new Error(`${this.#function.name} is being stopped`);
    const starting = this.#startOne();
    this.#starting.add(starting);
    try {
      return await starting;
    } finally {
      this.#starting.delete(starting);
    }
  }

  async #startOne(): Promise<ExecutionEnvironment> {
    const environment = await ExecutionEnvironment.start(this.#function);
    this.#all.add(environment);
    return environment;
  }
}
