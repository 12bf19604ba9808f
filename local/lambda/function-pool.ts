import { describeError } from '../../shared/platform/errors.ts';
import { ExecutionEnvironment, type LocalFunction } from './execution-environment.ts';

export type PoolOptions = {
  /** Environments at once; further invocations wait for one. */
  readonly maxCount: number;
  /** An environment that has been idle this long is stopped. Default: {@link IDLE_MS}. */
  readonly idleMs?: number;
  /** Whether one is kept whatever its age, for callers who wait for the result. */
  readonly keepsWarm: boolean;
};

/** Waiting this long for a warm environment is better than starting a process. */
const MAX_WAIT_MS = 250;

/** Lambda keeps an idle environment for minutes; here its memory is somebody's laptop. */
const IDLE_MS = 60_000;

/** A caller who waits for an environment; undefined: start one of your own, or wait on. */
type Waiting = (environment: ExecutionEnvironment | undefined) => void;

/**
 * The execution environments of one function, each with one invocation at a time. A new one is started only when none
 * gets free in time and there are fewer than `maxCount`; at the limit invocations wait in the order in which they came.
 */
export class FunctionPool implements AsyncDisposable {
  readonly #function: LocalFunction;
  readonly #options: PoolOptions;
  readonly #all = new Set<ExecutionEnvironment>();
  /** The latest used last, with the timer that retires it. */
  readonly #idle = new Map<ExecutionEnvironment, NodeJS.Timeout>();
  readonly #starting = new Set<Promise<ExecutionEnvironment>>();
  readonly #waiting: Waiting[] = [];
  #isClosed = false;

  constructor(fn: LocalFunction, options: PoolOptions) {
    this.#function = fn;
    this.#options = options;
  }

  /** Process ids of the current environments. */
  get pids(): readonly number[] {
    return [...this.#all].flatMap(({ pid }) => pid ?? []);
  }

  /** Starts the first environment, so that the first file does not wait for it. */
  async warmUp(): Promise<void> {
    this.#keep(await this.#start());
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
    for (const timer of this.#idle.values()) clearTimeout(timer);
    for (const wake of this.#waiting.splice(0)) wake(undefined);
    await Promise.allSettled(this.#starting);
    await Promise.all([...this.#all].map((environment) => environment[Symbol.asyncDispose]()));
  }

  async #acquire(): Promise<ExecutionEnvironment> {
    // The first caller of a cold function does not wait; nor does anybody wait for those who wait already.
    let maxWaitMs = this.#count === 0 ? 0 : MAX_WAIT_MS;
    for (;;) {
      const idle = this.#takeIdle();
      if (idle) return idle;
      if (this.#isClosed || (maxWaitMs === 0 && this.#count < this.#options.maxCount)) {
        return await this.#start();
      }
      const freed = await this.#nextFreed(
        this.#count < this.#options.maxCount ? maxWaitMs : undefined,
      );
      if (freed?.isAlive) return freed;
      if (freed) this.#all.delete(freed);
      maxWaitMs = 0;
    }
  }

  /** Those that run or start. */
  get #count(): number {
    return this.#all.size + this.#starting.size;
  }

  #takeIdle(): ExecutionEnvironment | undefined {
    for (const [environment, timer] of [...this.#idle].toReversed()) {
      clearTimeout(timer);
      this.#idle.delete(environment);
      if (environment.isAlive) return environment;
      this.#all.delete(environment);
    }
    return undefined;
  }

  /** @returns undefined when the time passes or there is room for a new one */
  async #nextFreed(withinMs: number | undefined): Promise<ExecutionEnvironment | undefined> {
    const { promise, resolve } = Promise.withResolvers<ExecutionEnvironment | undefined>();
    this.#waiting.push(resolve);
    if (withinMs === undefined) return await promise;
    const giveUp = (): void => {
      const index = this.#waiting.indexOf(resolve);
      if (index >= 0) this.#waiting.splice(index, 1);
      resolve(undefined);
    };
    const timer = setTimeout(giveUp, withinMs);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
    }
  }

  async #release(environment: ExecutionEnvironment): Promise<void> {
    const mayStay = this.#options.keepsWarm || this.#waiting.length > 0;
    if (environment.isAlive && mayStay && !this.#isClosed) {
      this.#handOn(environment);
      return;
    }
    await this.#stop(environment);
  }

  /** Gives it to the caller who has waited longest, or keeps it idle. */
  #handOn(environment: ExecutionEnvironment): void {
    const next = this.#waiting.shift();
    if (next) next(environment);
    else this.#keep(environment);
  }

  #keep(environment: ExecutionEnvironment): void {
    const { idleMs = IDLE_MS } = this.#options;
    this.#idle.set(environment, setTimeout(() => this.#retire(environment), idleMs).unref());
  }

  #retire(environment: ExecutionEnvironment): void {
    if (this.#all.size <= 1) {
      this.#keep(environment);
      return;
    }
    this.#idle.delete(environment);
    void this.#stop(environment);
  }

  async #stop(environment: ExecutionEnvironment): Promise<void> {
    this.#all.delete(environment);
    await environment[Symbol.asyncDispose]();
    this.#waiting.shift()?.(undefined);
  }

  async #start(): Promise<ExecutionEnvironment> {
    if (this.#isClosed) throw new Error(`${this.#function.name} is being stopped`);
    const starting = ExecutionEnvironment.start(this.#function);
    this.#starting.add(starting);
    try {
      const environment = await starting;
      this.#all.add(environment);
      return environment;
    } catch (error) {
      // Somebody may wait for this very one.
      this.#waiting.shift()?.(undefined);
      throw new Error(describeError(error), { cause: error });
    } finally {
      this.#starting.delete(starting);
    }
  }
}
