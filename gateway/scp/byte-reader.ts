/** The client violated the SCP protocol, or its data ended early. */
export class ScpProtocolError extends Error {
  override readonly name = 'ScpProtocolError';
}

/** A record has a name of at most 1,024 bytes and a few numbers. */
const MAX_LINE_BYTES = 4 * 1024;

const NEWLINE = 10;

/** Reads lines and counted bytes from a channel, one chunk at a time. */
export class ByteReader {
  readonly #chunks: AsyncIterator<unknown>;
  #rest: Buffer = Buffer.alloc(0);

  readonly #onChunk: () => void;

  constructor(channel: AsyncIterable<unknown>, onChunk: () => void = () => {}) {
    this.#onChunk = onChunk;
    this.#chunks = channel[Symbol.asyncIterator]();
  }

  /** A line without its newline; undefined at the end of the channel. @throws ScpProtocolError if it is too long */
  async readLine(): Promise<Buffer | undefined> {
    let line: Buffer = Buffer.alloc(0);
    for (;;) {
      if (this.#rest.length === 0 && !(await this.#readChunk())) {
        if (line.length === 0) return undefined;
        throw new ScpProtocolError('the record ends early');
      }
      const end = this.#rest.indexOf(NEWLINE);
      const taken = this.#take(end < 0 ? this.#rest.length : end + 1);
      if (line.length + taken.length > MAX_LINE_BYTES)
        throw new ScpProtocolError('the record is too long');
      line = Buffer.concat([line, taken]);
      if (end >= 0) return line.subarray(0, -1);
    }
  }

  /** The next bytes, at least one and at most `maxBytes`. @throws ScpProtocolError at the end of the channel */
  async read(maxBytes: number): Promise<Buffer> {
    if (this.#rest.length === 0 && !(await this.#readChunk())) {
      throw new ScpProtocolError('the connection ended in the middle of a file');
    }
    return this.#take(Math.min(maxBytes, this.#rest.length));
  }

  #take(count: number): Buffer {
    const taken = this.#rest.subarray(0, count);
    this.#rest = this.#rest.subarray(count);
    return taken;
  }

  async #readChunk(): Promise<boolean> {
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
