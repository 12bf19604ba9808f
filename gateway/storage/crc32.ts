import { crc32 } from 'node:zlib';

/** A CRC-32 as S3 writes it. */
export function crc32Base64(checksum: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(checksum);
  return bytes.toString('base64');
}

/** @returns undefined for text that is no CRC-32 of S3's, such as that of an object made of parts (`...-3`) */
export function parseCrc32(text: string | undefined): number | undefined {
  if (text === undefined || !/^[A-Za-z0-9+/]{6}==$/.test(text)) return undefined;
  return Buffer.from(text, 'base64').readUInt32BE();
}

/**
 * The checksum of everything that was received, in the order of the file. It is taken before the bytes
 * go into any buffer of ours, so that what S3 compares it with is what the partner sent.
 *
 * Unknown when an upload goes on from an object whose own checksum S3 does not tell.
 */
export class RunningChecksum {
  #value: number | undefined;

  constructor(start: number | undefined = 0) {
    this.#value = start;
  }

  update(bytes: Buffer): void {
    if (this.#value !== undefined) this.#value = crc32(bytes, this.#value);
  }

  get base64(): string | undefined {
    return this.#value === undefined ? undefined : crc32Base64(this.#value);
  }
}
