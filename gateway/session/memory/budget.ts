import { failure } from '../../protocol/status.ts';

/** Blocks for parts that are small yet, of all uploads together: 1.25 MiB. */
const SMALL_BLOCKS = 20;

/** Writes that arrived before their turn, of all uploads together; `fastPut` of ssh2 has 2 MiB under way. */
const MAX_EARLY_BYTES = 2 * 1024 * 1024;

type Waiting = { readonly owner: object; readonly resolve: () => void };

/**
 * The memory that all uploads of one connection share. There is room for one full part, and a little for
 * parts that begin; whoever wants more waits. So the partner who sends faster than S3 takes is slowed
 * down, and several large files take turns, part by part.
 *
 * The one that has the large room always gets what it needs to complete its part, so that never two
 * uploads wait for each other's memory.
 */
export class MemoryBudget {
  readonly #patienceMs: number;
  readonly #small = new Map<object, number>();
  #smallFree = SMALL_BLOCKS;
  /** Who fills, or sends, the one full part. */
  #large: object | undefined;
  #earlyBytes = 0;
  #waiting: Waiting[] = [];

  /** @param patienceMs how long an upload waits for the others of its connection */
  constructor(patienceMs: number) {
    this.#patienceMs = patienceMs;
  }

  /**
   * Resolves when the owner may have another block.
   *
   * @throws SftpFailure when other files of the connection keep the memory for too long
   * @throws whatever `signal` was aborted with
   */
  async take(owner: object, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#tryTake(owner)) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiting = { owner, resolve };
    this.#waiting.push(waiting);
    const giveUp = (error: unknown): void => {
      if (!this.#waiting.includes(waiting)) return;
      this.#waiting = this.#waiting.filter((each) => each !== waiting);
      reject(error instanceof Error ? error : failure('given up'));
    };
    const timer = setTimeout(() => giveUp(failure(TOO_MUCH)), this.#patienceMs);
    const onAbort = (): void => giveUp(signal.reason);
    signal.addEventListener('abort', onAbort);
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** Gives back all that the owner took. It may be repeated. */
  release(owner: object): void {
    if (this.#large === owner) this.#large = undefined;
    this.#smallFree += this.#small.get(owner) ?? 0;
    this.#small.delete(owner);
    this.#serve();
  }

  /** @throws SftpFailure when too much arrived before its turn */
  holdEarly(bytes: number): void {
    if (this.#earlyBytes + bytes > MAX_EARLY_BYTES) {
      throw failure('too many bytes came before their turn; files here are written in order');
    }
    this.#earlyBytes += bytes;
  }

  dropEarly(bytes: number): void {
    this.#earlyBytes -= bytes;
  }

  #tryTake(owner: object): boolean {
    if (this.#large === owner) return true;
    if (this.#smallFree > 0) {
      this.#smallFree -= 1;
      this.#small.set(owner, (this.#small.get(owner) ?? 0) + 1);
      return true;
    }
    if (this.#large !== undefined) return false;
    this.#large = owner;
    this.#smallFree += this.#small.get(owner) ?? 0;
    this.#small.delete(owner);
    return true;
  }

  #serve(): void {
    for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
      if (!this.#tryTake(first.owner)) return;
      this.#waiting.shift();
      first.resolve();
    }
  }
}

const TOO_MUCH =
  'too many large files are under way on this connection at once; finish one first, or open another connection';
