import { createHash } from 'node:crypto';
import { Transform } from 'node:stream';

/** Counts and hashes the bytes that pass. `sha256()` may be called once, after the end. */
export class ByteMeter extends Transform {
  readonly #hash = createHash('sha256');
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  /** Lower-case hex. */
  sha256(): string {
    return this.#hash.digest('hex');
  }

  override _transform(
    chunk: Buffer,
    _encoding: BufferEncoding,
    done: (error: null, chunk: Buffer) => void,
  ): void {
    this.#bytes += chunk.length;
    this.#hash.update(chunk);
    done(null, chunk);
  }
}
