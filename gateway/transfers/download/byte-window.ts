/** A range of a file, held in memory as the chunks it arrived in. */
export class ByteWindow {
  readonly #chunks: Buffer[] = [];
  #start: number;
  #end: number;

  constructor(offset: number) {
    this.#start = offset;
    this.#end = offset;
  }

  /** Offset of the first byte held. */
  get start(): number {
    return this.#start;
  }

  /** Offset after the last byte held. */
  get end(): number {
    return this.#end;
  }

  append(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#end += chunk.length;
  }

  /** Releases chunks that lie completely before an offset. */
  forgetBefore(offset: number): void {
    for (
      let first = this.#chunks[0];
      first !== undefined && this.#start + first.length <= offset;
      first = this.#chunks[0]
    ) {
      this.#start += first.length;
      this.#chunks.shift();
    }
  }

  /** Fills `target` with the bytes from `offset` on; all of them must be held. */
  copyTo(target: Buffer, offset: number): void {
    let chunkStart = this.#start;
    let copied = 0;
    for (const chunk of this.#chunks) {
      const from = offset + copied - chunkStart;
      chunkStart += chunk.length;
      if (from >= chunk.length) continue;
      copied += chunk.copy(target, copied, from);
      if (copied === target.length) return;
    }
  }
}
