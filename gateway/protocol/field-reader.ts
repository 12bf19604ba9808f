import { isUtf8 } from 'node:buffer';
import { SftpFailure } from './status.ts';
import { ATTRIBUTE_FLAG, STATUS } from './codes.ts';

/** Reads the fields of one packet in order. Every method throws SftpFailure (bad message) past its end. */
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

  /** UTF-8 text, which S3 can store as a key. @throws SftpFailure for other encodings */
  text(): string {
    const bytes = this.bytes();
    if (!isUtf8(bytes)) throw new SftpFailure(STATUS.failure, 'the file name is not UTF-8');
    return bytes.toString('utf8');
  }

  handle(): string {
    return this.bytes().toString('latin1');
  }

  /** Size and time; owner and mode are skipped. */
  attributes(): {
    readonly sizeBytes: number | undefined;
    /** Epoch milliseconds. */
    readonly modifiedAt: number | undefined;
  } {
    const flags = this.uint32();
    const has = (flag: keyof typeof ATTRIBUTE_FLAG) => (flags & ATTRIBUTE_FLAG[flag]) !== 0;
    const sizeBytes = has('size') ? this.uint64() : undefined;
    if (has('owner')) this.#take(8);
    if (has('permissions')) this.#take(4);
    if (!has('times')) return { sizeBytes, modifiedAt: undefined };
    this.#take(4);
    return { sizeBytes, modifiedAt: this.uint32() * 1000 };
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
