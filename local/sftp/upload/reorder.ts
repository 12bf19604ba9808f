import { failure } from '../status.ts';

/** How far ahead of the first missing byte a write may be; clients keep 2 MiB under way at most. */
const WINDOW_BYTES = 4 * 1024 * 1024;

/**
 * Puts writes that arrive slightly out of order back into order.
 *
 * Object storage takes bytes once and in sequence: there is no way back to a byte already taken, and
 * no way to leave a hole. Some clients write concurrently, so what arrives early is held back here.
 */
export class Reorder {
  /** The first byte not yet handed on. */
  #next = 0;
  readonly #held = new Map<number, Buffer>();

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
    if (offset + data.length - this.#next > WINDOW_BYTES && offset !== this.#next) {
      throw failure(`bytes from ${offset} are too far ahead; files here are written in order`);
    }
    if (offset > this.#next) {
      this.#held.set(offset, Buffer.from(data));
      return;
    }
    let piece: Buffer | undefined = data;
    while (piece !== undefined) {
      this.#next += piece.length;
      yield piece;
      piece = this.#held.get(this.#next);
      this.#held.delete(this.#next);
    }
  }
}
