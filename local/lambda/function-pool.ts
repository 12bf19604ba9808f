import { EventEmitter, once } from 'node:events';
import { ExecutionEnvironment, type LocalFunction } from './execution-environment.ts';

/** A warm environment that gets free within this time is better than a new process. */
const PATIENCE_MS = 250;

/**
 * The execution environments of one function: kept warm, one invocation each at a time, and a new
 * one only when the wait for a free one gets long. How many there may be is the caller's affair:
 * never more than invocations at once.
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

  /** Process ids of the environments that live now. */
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

  /** What is starting in this moment must not be left behind. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    await Promise.allSettled(this.#starting);
    await Promise.all([...this.#all].map((environment) => environment[Symbol.asyncDispose]()));
  }

  async #acquire(): Promise<ExecutionEnvironment> {
    const patience = AbortSignal.timeout(PATIENCE_MS);
    while (!patience.aborted && this.#all.size > 0) {
      const idle = this.#idle.pop();
      if (idle?.alive) return idle;
      if (idle) this.#all.delete(idle);
      else await once(this.#freed, 'freed', { signal: patience }).catch(() => {});
    }
    return this.#idle.pop() ?? (await this.#start());
  }

  async #release(environment: ExecutionEnvironment): Promise<void> {
    if (environment.alive && this.#keepsWarm) {
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
