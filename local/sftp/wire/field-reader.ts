import { isUtf8 } from 'node:buffer';
import { SftpFailure } from '../status.ts';
import { ATTRIBUTE_FLAG, STATUS } from './codes.ts';

/** Reads the fields of one packet in turn; every method throws SftpFailure (bad message) past its end. */
export class FieldReader {
  readonly #packet: Buffer;
  #at: number;

  constructor(packet: Buffer, offset: number) {
    this.#packet = packet;
    this.#at = offset;
  }

  uint32(): number {
    return this.#packet.readUInt32BE(this.#take(4));
  }

  /** @throws SftpFailure also for a number beyond 2^53 - 1, which no S3 object reaches */
  uint64(): number {
    const value = this.#packet.readBigUInt64BE(this.#take(8));
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) {
      throw new SftpFailure(STATUS.failure, 'the offset or size is beyond what can be stored');
    }
    return Number(value);
  }

  bytes(): Buffer {
    const lengthBytes = this.uint32();
    const start = this.#take(lengthBytes);
    return this.#packet.subarray(start, start + lengthBytes);
  }

  /** Text that S3 can keep as a key: other encodings are refused rather than mangled. */
  text(): string {
    const bytes = this.bytes();
    if (!isUtf8(bytes)) throw new SftpFailure(STATUS.failure, 'the file name is not UTF-8');
    return bytes.toString('utf8');
  }

  handle(): string {
    return this.bytes().toString('latin1');
  }

  /** Only the size matters here; owner, mode and times are read past. */
  attributes(): { readonly sizeBytes: number | undefined } {
    const flags = this.uint32();
    const sizeBytes = (flags & ATTRIBUTE_FLAG.size) === 0 ? undefined : this.uint64();
    return { sizeBytes };
  }

  #take(lengthBytes: number): number {
    const start = this.#at;
    if (start + lengthBytes > this.#packet.length) {
      throw new SftpFailure(STATUS.badMessage, 'the packet ends before its fields do');
    }
    this.#at += lengthBytes;
    return start;
  }
}
