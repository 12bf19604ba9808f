import { crc32, deflateRawSync } from 'node:zlib';

/**
 * A zip member, valid or not.
 * https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 */
export type Entry = {
  readonly name: string;
  readonly data: Buffer;
  /** 0 stored, 8 deflated (default); other methods need `packed`. */
  readonly method?: number;
  /** The packed bytes, if not computed from `data`. */
  readonly packed?: Buffer;
  readonly flags?: number;
  /** Sizes and CRC after the data instead of before it; bit 3. */
  readonly descriptor?: 'plain' | 'signed' | 'zip64';
  readonly local?: Partial<Fields>;
  readonly central?: Partial<Fields>;
  /** Written to the archive, but not listed in the directory. */
  readonly hidden?: boolean;
  /** Only listed in the directory, at `central.offset`. */
  readonly phantom?: boolean;
  /** Which headers have 0xffffffff as sizes, and the real ones in a zip64 extra field. */
  readonly zip64?: 'local' | 'central' | 'both';
  /** Bytes between this entry and the next. */
  readonly gap?: Buffer;
};

type Fields = {
  readonly signature: number;
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  readonly packedBytes: number;
  readonly bytes: number;
  readonly name: string;
  readonly extra: Buffer;
  readonly offset: number;
};

type Shape = {
  readonly prefix?: Buffer;
  /** Offsets are from the start of the archive, not of the file. */
  readonly prefixUncounted?: boolean;
  readonly comment?: Buffer;
  readonly suffix?: Buffer;
  readonly directory?: 'none' | 'garbled';
  readonly end?: Partial<{
    readonly entries: number;
    readonly diskEntries: number;
    readonly size: number;
    readonly offset: number;
    readonly disk: number;
  }>;
  readonly zip64End?: boolean;
  readonly cutTo?: number;
};

export function zip(entries: readonly Entry[], shape: Shape = {}): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  const prefix = shape.prefix ?? Buffer.alloc(0);
  let offset = shape.prefixUncounted ? 0 : prefix.length;
  let listed = 0;
  const put = (...bytes: readonly Buffer[]): void => {
    for (const part of bytes) {
      parts.push(part);
      offset += part.length;
    }
  };

  for (const entry of entries) {
    const at = offset;
    const method = entry.method ?? 8;
    const packed = entry.packed ?? (method === 8 ? deflateRawSync(entry.data) : entry.data);
    const truth: Fields = {
      signature: 0x04034b50,
      flags: (entry.flags ?? 0) | (entry.descriptor ? 8 : 0),
      method,
      crc: crc32(entry.data),
      packedBytes: packed.length,
      bytes: entry.data.length,
      name: entry.name,
      extra: Buffer.alloc(0),
      offset: at,
    };
    const blank = entry.descriptor ? { crc: 0, packedBytes: 0, bytes: 0 } : {};
    if (!entry.phantom) {
      const large = entry.zip64 === 'local' || entry.zip64 === 'both';
      put(
        localHeader({
          ...truth,
          ...blank,
          ...(large ? inExtra(truth, false) : {}),
          ...entry.local,
        }),
        packed,
      );
      if (entry.descriptor) put(descriptor(truth, entry.descriptor));
    }
    if (!entry.hidden) {
      const large = entry.zip64 === 'central' || entry.zip64 === 'both';
      directory.push(
        centralHeader({
          ...truth,
          ...(large ? inExtra(truth, true) : {}),
          signature: 0x02014b50,
          ...entry.central,
        }),
      );
      listed += 1;
    }
    if (entry.gap) put(entry.gap);
  }

  const directoryAt = offset;
  const listing = Buffer.concat(shape.directory === 'none' ? [] : directory);
  if (shape.directory === 'garbled') listing.fill(0x2e);
  put(listing);
  if (shape.zip64End) put(...zip64End(listed, listing.length, directoryAt, offset));
  if (shape.directory !== 'none') {
    const end = Buffer.alloc(22);
    const comment = shape.comment ?? Buffer.alloc(0);
    const {
      entries: count = listed,
      size = listing.length,
      offset: start = directoryAt,
    } = shape.end ?? {};
    end.writeUInt32LE(0x06054b50, 0);
    end.writeUInt16LE(shape.end?.disk ?? 0, 4);
    end.writeUInt16LE(Math.min(shape.end?.diskEntries ?? count, 0xffff), 8);
    end.writeUInt16LE(Math.min(count, 0xffff), 10);
    end.writeUInt32LE(shape.zip64End ? 0xffffffff : size, 12);
    end.writeUInt32LE(shape.zip64End ? 0xffffffff : start, 16);
    end.writeUInt16LE(comment.length, 20);
    put(end, comment);
  }
  const whole = Buffer.concat([prefix, ...parts, shape.suffix ?? Buffer.alloc(0)]);
  return whole.subarray(0, shape.cutTo ?? whole.length);
}

function localHeader(fields: Fields): Buffer {
  const name = Buffer.from(fields.name);
  const header = Buffer.alloc(30);
  header.writeUInt32LE(fields.signature, 0);
  header.writeUInt16LE(20, 4);
  writeCommon(header, 6, fields);
  header.writeUInt16LE(name.length, 26);
  header.writeUInt16LE(fields.extra.length, 28);
  return Buffer.concat([header, name, fields.extra]);
}

function centralHeader(fields: Fields): Buffer {
  const name = Buffer.from(fields.name);
  const header = Buffer.alloc(46);
  header.writeUInt32LE(fields.signature, 0);
  header.writeUInt16LE(20, 4);
  header.writeUInt16LE(20, 6);
  writeCommon(header, 8, fields);
  header.writeUInt16LE(name.length, 28);
  header.writeUInt16LE(fields.extra.length, 30);
  header.writeUInt32LE(fields.offset, 42);
  return Buffer.concat([header, name, fields.extra]);
}

function writeCommon(header: Buffer, at: number, fields: Fields): void {
  header.writeUInt16LE(fields.flags, at);
  header.writeUInt16LE(fields.method, at + 2);
  header.writeUInt16LE(0, at + 4); // time
  header.writeUInt16LE(0x5c75, at + 6); // 2026-03-21
  header.writeUInt32LE(fields.crc, at + 8);
  header.writeUInt32LE(fields.packedBytes, at + 12);
  header.writeUInt32LE(fields.bytes, at + 16);
}

function inExtra(truth: Fields, withOffset: boolean): Partial<Fields> {
  const extra = Buffer.alloc(withOffset ? 28 : 20);
  extra.writeUInt16LE(1, 0);
  extra.writeUInt16LE(extra.length - 4, 2);
  extra.writeBigUInt64LE(BigInt(truth.bytes), 4);
  extra.writeBigUInt64LE(BigInt(truth.packedBytes), 12);
  if (withOffset) extra.writeBigUInt64LE(BigInt(truth.offset), 20);
  const large = { packedBytes: 0xffffffff, bytes: 0xffffffff, extra };
  return withOffset ? { ...large, offset: 0xffffffff } : large;
}

function descriptor(truth: Fields, kind: NonNullable<Entry['descriptor']>): Buffer {
  const words = Buffer.alloc(kind === 'plain' ? 12 : kind === 'signed' ? 16 : 24);
  const at = kind === 'plain' ? 0 : words.writeUInt32LE(0x08074b50, 0);
  words.writeUInt32LE(truth.crc, at);
  if (kind === 'zip64') {
    words.writeBigUInt64LE(BigInt(truth.packedBytes), at + 4);
    words.writeBigUInt64LE(BigInt(truth.bytes), at + 12);
  } else {
    words.writeUInt32LE(truth.packedBytes, at + 4);
    words.writeUInt32LE(truth.bytes, at + 8);
  }
  return words;
}

function zip64End(entries: number, size: number, start: number, at: number): [Buffer, Buffer] {
  const record = Buffer.alloc(56);
  record.writeUInt32LE(0x06064b50, 0);
  record.writeBigUInt64LE(44n, 4);
  record.writeUInt16LE(45, 12);
  record.writeUInt16LE(45, 14);
  record.writeBigUInt64LE(BigInt(entries), 24);
  record.writeBigUInt64LE(BigInt(entries), 32);
  record.writeBigUInt64LE(BigInt(size), 40);
  record.writeBigUInt64LE(BigInt(start), 48);
  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(0x07064b50, 0);
  locator.writeBigUInt64LE(BigInt(at), 8);
  locator.writeUInt32LE(1, 16);
  return [record, locator];
}
