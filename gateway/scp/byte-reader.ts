/** The other side does not speak SCP, or stopped in the middle of it. */
export class ScpProtocolError extends Error {
  override readonly name = 'ScpProtocolError';
}

/** A record has a name of at most 1,024 bytes and little else. */
const MAX_LINE_BYTES = 4 * 1024;

const NEWLINE = 10;

/** Reads a channel as lines and as counted bytes; what is not asked for stays in the channel. */
export class ByteReader {
  readonly #chunks: AsyncIterator<unknown>;
  #rest: Buffer = Buffer.alloc(0);

  readonly #onChunk: () => void;

  constructor(channel: AsyncIterable<unknown>, onChunk: () => void = () => {}) {
    this.#onChunk = onChunk;
    this.#chunks = channel[Symbol.asyncIterator]();
  }

  /** A line without its end; undefined at the end of the channel. @throws ScpProtocolError for an endless one */
  async line(): Promise<Buffer | undefined> {
    let line: Buffer = Buffer.alloc(0);
    for (;;) {
      if (this.#rest.length === 0 && !(await this.#more())) {
        if (line.length === 0) return undefined;
        throw new ScpProtocolError('the record ends early');
      }
      const end = this.#rest.indexOf(NEWLINE);
      const taken = this.#take(end < 0 ? this.#rest.length : end + 1);
      if (line.length + taken.length > MAX_LINE_BYTES) throw new ScpProtocolError('endless record');
      line = Buffer.concat([line, taken]);
      if (end >= 0) return line.subarray(0, -1);
    }
  }

  /** The next bytes, at least one and at most `maxBytes`. @throws ScpProtocolError when there are none */
  async some(maxBytes: number): Promise<Buffer> {
    if (this.#rest.length === 0 && !(await this.#more())) {
      throw new ScpProtocolError('the connection ended in the middle of a file');
    }
    return this.#take(Math.min(maxBytes, this.#rest.length));
  }

  #take(count: number): Buffer {
    const taken = this.#rest.subarray(0, count);
    this.#rest = this.#rest.subarray(count);
    return taken;
  }

  async #more(): Promise<boolean> {
    for (;;) {
      const next = await this.#chunks.next();
      if (next.done === true) return false;
      if (!Buffer.isBuffer(next.value) || next.value.length === 0) continue;
      this.#onChunk();
      this.#rest = next.value;
      return true;
    }
  }
}
