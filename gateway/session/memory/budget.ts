import { failure } from '../../protocol/status.ts';
import { type PartReserve, PROCESS_RESERVE } from './part-reserve.ts';

/** Blocks for parts that are still small, of all uploads together: 1.25 MiB. */
const SMALL_BLOCKS = 20;

/** Writes that arrived before their turn, of all uploads together; ssh2's `fastPut` has 2 MiB in flight. */
const MAX_EARLY_BYTES = 2 * 1024 * 1024;

type Waiting = { readonly owner: object; readonly resolve: () => void };

/** A full part of the connection's own, or one from the reserve. `isSealed`: it is being sent, and will be free. */
type LargePart = { readonly isReserve: boolean; isSealed: boolean };

/**
 * The memory that all uploads of one connection share: one full part, and some blocks for parts that are
 * still small. A part that needs more waits. So a client that sends faster than S3 accepts is slowed down.
 *
 * The owner of a full part always gets the blocks to complete it. It may wait for its client to do so, who
 * may be waiting for another file of the same connection to be accepted: that file gets a part from the
 * reserve, which all connections share.
 */
export class MemoryBudget {
  readonly #patienceMs: number;
  readonly #reserve: PartReserve;
  readonly #wake = (): void => this.#grantWaiting();
  readonly #small = new Map<object, number>();
  #smallFree = SMALL_BLOCKS;
  /** The owners of full parts, which are filling or sending them. */
  readonly #large = new Map<object, LargePart>();
  #earlyBytes = 0;
  #waiting: Waiting[] = [];

  /** @param patienceMs how long `take` waits */
  constructor(patienceMs: number, reserve: PartReserve = PROCESS_RESERVE) {
    this.#patienceMs = patienceMs;
    this.#reserve = reserve;
  }

  /**
   * Resolves when the owner may have another block.
   *
   * @throws SftpFailure when other files of the connection hold the memory for too long
   * @throws the reason of `signal` when it is aborted
   */
  async take(owner: object, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#tryTake(owner)) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiting = { owner, resolve };
    this.#waiting.push(waiting);
    this.#reserve.watch(this.#wake);
    const giveUp = (error: unknown): void => {
      if (!this.#waiting.includes(waiting)) return;
      this.#waiting = this.#waiting.filter((each) => each !== waiting);
      reject(error instanceof Error ? error : failure('aborted'));
    };
    const timer = setTimeout(() => giveUp(failure(TOO_MANY_LARGE_FILES)), this.#patienceMs);
    const onAbort = (): void => giveUp(signal.reason);
    signal.addEventListener('abort', onAbort);
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      if (this.#waiting.length === 0) this.#reserve.unwatch(this.#wake);
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** The owner takes no more blocks: it will release them without its client's doing. Idempotent. */
  seal(owner: object): void {
    const large = this.#large.get(owner);
    if (large !== undefined) large.isSealed = true;
  }

  /** Returns all blocks of the owner. Idempotent. */
  release(owner: object): void {
    const large = this.#large.get(owner);
    this.#large.delete(owner);
    if (large?.isReserve === true) this.#reserve.giveBack();
    this.#smallFree += this.#small.get(owner) ?? 0;
    this.#small.delete(owner);
    this.#grantWaiting();
  }

  /** @throws SftpFailure when too many bytes are held out of order */
  reserveEarly(bytes: number): void {
    if (this.#earlyBytes + bytes > MAX_EARLY_BYTES) {
      throw failure('too many bytes arrived before their turn; files must be written in order');
    }
    this.#earlyBytes += bytes;
  }

  releaseEarly(bytes: number): void {
    this.#earlyBytes -= bytes;
  }

  #tryTake(owner: object): boolean {
    if (this.#large.has(owner)) return true;
    if (this.#smallFree > 0) {
      this.#smallFree -= 1;
      this.#small.set(owner, (this.#small.get(owner) ?? 0) + 1);
      return true;
    }
    const parts = [...this.#large.values()];
    const isOwnFree = parts.every(({ isReserve }) => isReserve);
    // One that is being sent will be free soon, without the reserve.
    const isWorthWaiting = parts.some(({ isSealed }) => isSealed);
    if (!isOwnFree && (isWorthWaiting || !this.#reserve.tryTake())) return false;
    this.#large.set(owner, { isReserve: !isOwnFree, isSealed: false });
    this.#smallFree += this.#small.get(owner) ?? 0;
    this.#small.delete(owner);
    return true;
  }

  #grantWaiting(): void {
    for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
      if (!this.#tryTake(first.owner)) return;
      this.#waiting.shift();
      first.resolve();
    }
  }
}

const TOO_MANY_LARGE_FILES =
  'too many large files are being uploaded on this connection; finish one first, or open another connection';
