import { S3Error } from './errors.ts';

const MAX_LINE_BYTES = 16 * 1024;

type State = 'size' | 'data' | 'data-end' | 'trailer' | 'done';

/**
 * Removes the `aws-chunked` framing from a body. Yields the payload as slices of the input, without copying.
 *
 *     size[;chunk-signature=...] CRLF  data CRLF  ...  0[;chunk-signature=...] CRLF  trailer:value CRLF ...  CRLF
 *
 * States: size -> data -> data-end -> size ... until a size of 0, then trailer until an empty line, then done. Chunk
 * signatures are skipped, since signatures are not verified here. Any other input is refused, so that a misread framing
 * never becomes an object.
 *
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
 */
export class AwsChunkedDecoder {
  /** Complete after `end()`; names in lower case. */
  readonly trailers = new Map<string, string>();
  #state: State = 'size';
  /** Payload bytes still to come in the current chunk. */
  #remaining = 0;
  /** An incomplete line. */
  #line: Buffer = Buffer.alloc(0);

  /** @throws S3Error for invalid framing */
  *decode(input: Buffer): Generator<Buffer, void, undefined> {
    let offset = 0;
    while (offset < input.length) {
      if (this.#state === 'data') {
        const slice = input.subarray(offset, offset + this.#remaining);
        offset += slice.length;
        this.#remaining -= slice.length;
        if (this.#remaining === 0) this.#state = 'data-end';
        yield slice;
        continue;
      }
      if (this.#state === 'done') throw malformed('there are bytes after the end of the body');
      const newline = input.indexOf(0x0a, offset);
      const end = newline === -1 ? input.length : newline + 1;
      this.#gather(input.subarray(offset, end));
      offset = end;
      if (newline !== -1) this.#takeLine();
    }
  }

  /** @throws S3Error IncompleteBody unless the last chunk and its trailers have been seen */
  end(): void {
    if (this.#state !== 'done') {
      throw new S3Error('IncompleteBody', 'The request body terminated unexpectedly.');
    }
  }

  #gather(bytes: Buffer): void {
    if (this.#line.length + bytes.length > MAX_LINE_BYTES) throw malformed('a line is too long');
    this.#line = this.#line.length === 0 ? bytes : Buffer.concat([this.#line, bytes]);
  }

  #takeLine(): void {
    const text = this.#line.toString('latin1');
    this.#line = Buffer.alloc(0);
    if (!text.endsWith('\r\n')) throw malformed('a line does not end in CRLF');
    const line = text.slice(0, -2);
    if (this.#state === 'size') this.#takeSize(line);
    else if (this.#state === 'data-end') this.#takeDataEnd(line);
    else this.#takeTrailer(line);
  }

  #takeSize(line: string): void {
    const match = /^([0-9a-f]{1,13})(?:;[^\r]*)?$/i.exec(line);
    if (match === null) throw malformed('a chunk size is not a hexadecimal number');
    this.#remaining = Number.parseInt(match[1] ?? '', 16);
    this.#state = this.#remaining === 0 ? 'trailer' : 'data';
  }

  #takeDataEnd(line: string): void {
    if (line !== '') throw malformed('a chunk is longer than its size');
    this.#state = 'size';
  }

  #takeTrailer(line: string): void {
    if (line === '') {
      this.#state = 'done';
      return;
    }
    const colon = line.indexOf(':');
    if (colon < 1) {
      throw new S3Error('MalformedTrailerError', 'The request contained a malformed trailer.');
    }
    this.trailers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
}

function malformed(why: string): S3Error {
  return new S3Error('InvalidRequest', `The aws-chunked body is malformed: ${why}.`);
}
