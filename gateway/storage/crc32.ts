import { crc32 } from 'node:zlib';

/** A CRC-32 in S3's encoding. */
export function crc32Base64(checksum: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(checksum);
  return bytes.toString('base64');
}

/** @returns undefined for anything else, such as the composite checksum of an object made of parts (`...-3`) */
export function parseCrc32(text: string | undefined): number | undefined {
  if (text === undefined || !/^[A-Za-z0-9+/]{6}==$/.test(text)) return undefined;
  return Buffer.from(text, 'base64').readUInt32BE();
}

/**
 * The checksum of the received bytes in file order. It is computed before the bytes are copied into our
 * buffers, so that S3 compares the object with what the partner sent.
 *
 * Undefined when an upload continues an object whose checksum S3 does not report.
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
