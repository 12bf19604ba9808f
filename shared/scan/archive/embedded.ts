import { crc32 } from 'node:zlib';
import type { Container } from '../../model/container.ts';
import { UnscannableError, type Budget } from './budget.ts';
import { type Bytes, pieces } from './bytes.ts';

const LOCAL_HEADER = Buffer.from('504b0304', 'hex');
const SEVEN_ZIP = Buffer.from('377abcaf271c', 'hex');
const RAR = Buffer.from('526172211a07', 'hex');
const CABINET = Buffer.from('4d53434600000000', 'hex');

/** The methods that the engine unpacks in an embedded zip. */
const READ_METHODS: readonly number[] = [0, 8, 9, 12];

/** Of a marker and the header behind it. */
const HEADER_BYTES = 64;

/** 7-Zip looks no further for an archive, unrar and bsdtar not even that far. */
const SEARCHED_BYTES = 8 * 2 ** 20 - HEADER_BYTES;

/**
 * Looks for an archive that begins behind something else: programs open those too, and the engine
 * does not. A marker alone is no archive: the header behind it must be one.
 *
 * @returns what opens it, behind a program
 * @throws UnscannableError behind anything else, or for a zip that the engine does not unpack
 */
export async function findLateArchive(
  bytes: Bytes,
  isProgram: boolean,
  budget: Budget,
): Promise<Container | undefined> {
  const end = Math.min(bytes.sizeBytes, SEARCHED_BYTES);
  for await (const { piece } of pieces(bytes, 0, end, HEADER_BYTES)) {
    budget.checkTime();
    const found = FINDERS.find(([, marker, isHeader]) => finds(piece, marker, isHeader))?.[0];
    if (found === undefined) continue;
    if (isProgram && found !== 'zip') return found;
    throw new UnscannableError('archive-structure', `an archive (${found}) behind something else`);
  }
  return undefined;
}

const FINDERS: readonly (readonly [Container, Buffer, (header: Buffer) => boolean])[] = [
  ['7z', SEVEN_ZIP, isSevenZip],
  ['rar', RAR, isRar],
  ['cab', CABINET, isCabinet],
  ['zip', LOCAL_HEADER, isBlindZip],
];

function finds(piece: Buffer, marker: Buffer, isHeader: (header: Buffer) => boolean): boolean {
  for (let at = piece.indexOf(marker); at >= 0; at = piece.indexOf(marker, at + 1)) {
    if (isHeader(piece.subarray(at, at + HEADER_BYTES))) return true;
  }
  return false;
}

/** The CRC of the 20 bytes behind it. https://www.7-zip.org/sdk.html (7zFormat.txt) */
function isSevenZip(header: Buffer): boolean {
  return header.length >= 32 && crc32(header.subarray(12, 32)) === header.readUInt32LE(8);
}

/** The CRC of the first block: 16 bits in version 4, 32 in version 5. */
function isRar(header: Buffer): boolean {
  if (header.length < 20) return false;
  if (header[6] === 0) {
    const size = header.readUInt16LE(12);
    return (
      size >= 13 &&
      size <= 57 &&
      header[9] === 0x73 &&
      header.readUInt16LE(7) === low16(header, 9, 7 + size)
    );
  }
  const size = header[12] ?? 0;
  if (header[6] !== 1 || size === 0 || size > 50) return false;
  return crc32(header.subarray(12, 13 + size)) === header.readUInt32LE(8);
}

function low16(header: Buffer, from: number, to: number): number {
  return crc32(header.subarray(from, to)) & 0xffff;
}

/** Version 1.3, reserved fields of zero, and a first file within the stated size. */
function isCabinet(header: Buffer): boolean {
  if (header.length < 36) return false;
  const isEmpty = header.readUInt32LE(12) === 0 && header.readUInt32LE(20) === 0;
  return (
    isEmpty &&
    header.readUInt16LE(24) === 0x0103 &&
    header.readUInt32LE(16) < header.readUInt32LE(8)
  );
}

/** A member that the engine skips. The four bytes may occur by chance, so more is looked at. */
function isBlindZip(header: Buffer): boolean {
  if (header.length < 30 || !isPlausible(header)) return false;
  const isLarge = header.readUInt32LE(18) === 0xffffffff || header.readUInt32LE(22) === 0xffffffff;
  const isMasked = (header.readUInt16LE(6) & 0x2000) !== 0;
  return isLarge || isMasked || !READ_METHODS.includes(header.readUInt16LE(8));
}

const KNOWN_METHODS = [0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 12, 14, 93, 94, 95, 96, 97, 98, 99];

function isPlausible(header: Buffer): boolean {
  const nameBytes = header.readUInt16LE(26);
  const isVersion = header.readUInt16LE(4) % 256 <= 63 && (header[5] ?? 0) <= 20;
  return (
    isVersion && nameBytes > 0 && nameBytes < 1024 && KNOWN_METHODS.includes(header.readUInt16LE(8))
  );
}
