import { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import { BLOCK_BYTES, borrowBlock, returnBlock } from '../../session/memory/blocks.ts';
import type { MemoryBudget } from '../../session/memory/budget.ts';

/** The bytes of one part of an upload, in blocks taken from the connection's memory budget. */
export class Part {
  readonly #capacityBytes: number;
  readonly #budget: MemoryBudget;
  readonly #blocks: Buffer[] = [];
  #sizeBytes = 0;

  constructor(capacityBytes: number, budget: MemoryBudget) {
    this.#capacityBytes = capacityBytes;
    this.#budget = budget;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  get isFull(): boolean {
    return this.#sizeBytes === this.#capacityBytes;
  }

  /** Resolves when the next `fill` can copy at least one byte. @throws as `MemoryBudget.take` */
  async reserve(signal: AbortSignal): Promise<void> {
    if (this.#sizeBytes < this.#blocks.length * BLOCK_BYTES) return;
    await this.#budget.take(this, signal);
    this.#blocks.push(borrowBlock());
  }

  /** Copies what fits into the reserved block and returns the rest. */
  fill(bytes: Buffer): Buffer {
    const block = this.#blocks.at(-1);
    if (block === undefined) return bytes;
    const from = this.#sizeBytes - (this.#blocks.length - 1) * BLOCK_BYTES;
    const end = Math.min(BLOCK_BYTES, from + this.#capacityBytes - this.#sizeBytes);
    const copied = bytes.copy(block, from, 0, Math.max(0, end - from));
    this.#sizeBytes += copied;
    return bytes.subarray(copied);
  }

  /** Call before it is sent: it will be released without waiting for the client. */
  seal(): void {
    this.#budget.seal(this);
  }

  /** CRC-32 of the buffered bytes. */
  get checksum(): number {
    return this.#views().reduce((sum, view) => crc32(view, sum), 0);
  }

  /** The bytes as a request body; may be called again for a retry. */
  body(): Buffer | Readable {
    const [first = Buffer.alloc(0), ...others] = this.#views();
    return others.length === 0 ? first : Readable.from([first, ...others], { objectMode: false });
  }

  /** Drops the bytes and returns the memory. Idempotent. */
  release(): void {
    for (const block of this.#blocks) returnBlock(block);
    this.#blocks.length = 0;
    this.#budget.release(this);
    this.#sizeBytes = 0;
  }

  #views(): Buffer[] {
    return this.#blocks.map((block, index) =>
      block.subarray(0, Math.min(BLOCK_BYTES, this.#sizeBytes - index * BLOCK_BYTES)),
    );
  }
}
