import { failure } from '../../protocol/status.ts';

/** Who says how much may be held, and is told what is held no more. */
export type EarlyBytes = {
  readonly holdEarly: (bytes: number) => void;
  readonly dropEarly: (bytes: number) => void;
};

/**
 * Puts writes that arrive slightly out of order back into order.
 *
 * Object storage takes bytes once and in sequence: there is no way back to a byte already taken, and
 * no way to leave a hole. Some clients write concurrently, so what arrives early is held back here.
 */
export class Reorder {
  /** The first byte not yet handed on. */
  #next: number;
  readonly #held = new Map<number, Buffer>();
  readonly #early: EarlyBytes;

  constructor(early: EarlyBytes, startAt = 0) {
    this.#early = early;
    this.#next = startAt;
  }

  get nextOffset(): number {
    return this.#next;
  }

  /** True while bytes are held that wait for earlier ones. */
  get hasGap(): boolean {
    return this.#held.size > 0;
  }

  /**
   * The pieces that are next in sequence, now that `data` has arrived. Early data is copied.
   *
   * @throws SftpFailure for bytes that were written before, and for those too far ahead
   */
  *accept(offset: number, data: Buffer): Generator<Buffer> {
    if (data.length === 0) return;
    if (offset < this.#next || this.#held.has(offset)) {
      throw failure(
        `bytes from ${offset} were written before; files here are written once, in order`,
      );
    }
    if (offset > this.#next) {
      this.#early.holdEarly(data.length);
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
      this.#early.dropEarly(piece.length);
    }
  }

  /** Forgets what is held. It may be repeated. */
  drop(): void {
    for (const { length } of this.#held.values()) this.#early.dropEarly(length);
    this.#held.clear();
  }
}
