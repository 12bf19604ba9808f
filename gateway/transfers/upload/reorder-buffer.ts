import { failure } from '../../protocol/status.ts';

/** Bounds the bytes held out of order; see MemoryBudget. */
export type EarlyBytesBudget = {
  readonly reserveEarly: (bytes: number) => void;
  readonly releaseEarly: (bytes: number) => void;
};

/**
 * Puts writes that arrive slightly out of order back into order.
 *
 * Object storage accepts bytes once and in sequence, without rewriting and without holes. Some clients
 * write concurrently, so bytes that arrive early are held here.
 */
export class ReorderBuffer {
  /** Offset of the first byte not yet returned. */
  #next: number;
  readonly #held = new Map<number, Buffer>();
  readonly #early: EarlyBytesBudget;

  constructor(early: EarlyBytesBudget, startAt = 0) {
    this.#early = early;
    this.#next = startAt;
  }

  get nextOffset(): number {
    return this.#next;
  }

  /** Whether held bytes wait for earlier ones. */
  get hasGap(): boolean {
    return this.#held.size > 0;
  }

  /**
   * The pieces that are next in sequence after `data` has arrived. Early data is copied and held.
   *
   * @throws SftpFailure for bytes that were written before, and for those too far ahead
   */
  *accept(offset: number, data: Buffer): Generator<Buffer> {
    if (data.length === 0) return;
    if (offset < this.#next || this.#held.has(offset)) {
      throw failure(
        `bytes from ${offset} were written before; files must be written once, in order`,
      );
    }
    if (offset > this.#next) {
      this.#early.reserveEarly(data.length);
      this.#held.set(offset, Buffer.from(data));
      return;
    }
    let piece: Buffer | undefined = data;
    while (piece !== undefined) {
      this.#next += piece.length;
      yield piece;
      piece = this.#held.get(this.#next);
      if (piece === undefined) continue;
      this.#held.delete(this.#next);
      this.#early.releaseEarly(piece.length);
    }
  }

  /** Drops the held bytes. Idempotent. */
  drop(): void {
    for (const { length } of this.#held.values()) this.#early.releaseEarly(length);
    this.#held.clear();
  }
}
