import { crc32 } from 'node:zlib';
import type { Container } from '../../model/container.ts';
import { encryptedMessage } from './message.ts';

/** The format by a file's first bytes, as far as the inspection distinguishes it. */
export type Format =
  /** Read here, strictly; opened by a program only where the engine is blind. */
  | { readonly kind: 'zip' | 'gzip' | 'tar' }
  /** The engine reads some of it, or all of it sometimes: a program opens it. */
  | { readonly kind: 'container'; readonly container: Container }
  /** May be followed by an archive that opens itself. */
  | { readonly kind: 'program' }
  /** Nobody can read it without a key. */
  | { readonly kind: 'encrypted'; readonly name: string }
  /** Nothing here opens it. */
  | { readonly kind: 'unsupported'; readonly name: string };

/** The bytes that `formatOf` needs; the descriptors of a UDF image follow 32 KiB. */
export const HEAD_BYTES = 48 * 1024;

/** The end record of a zip with the longest comment. */
export const TAIL_BYTES = 22 + 0xffff;

type Test = (head: Buffer) => boolean;

const starts = (hex: string, at = 0): Test => {
  const magic = Buffer.from(hex, 'hex');
  return (head) => head.subarray(at, at + magic.length).equals(magic);
};
const reads =
  (text: string, at = 0): Test =>
  (head) =>
    head.toString('latin1', at, at + text.length) === text;
const matches =
  (pattern: RegExp): Test =>
  (head) =>
    pattern.test(head.toString('latin1', 0, 512));

/**
 * What programs open. A few letters prove nothing, so whatever begins with few is tested further.
 * https://www.garykessler.net/library/file_sigs.html and the formats' own descriptions.
 */
const OPENED: readonly (readonly [Container, Test])[] = [
  ['bzip2', isBzip2],
  ['xz', starts('fd377a585a00')],
  ['7z', starts('377abcaf271c')],
  ['rar', starts('526172211a07')],
  ['zstd', (head) => starts('28b52ffd')(head) || isSkippable(head)],
  ['lz4', (head) => starts('04224d18')(head) || starts('02214c18')(head)],
  ['lzip', (head) => reads('LZIP')(head) && (head[4] ?? 9) <= 1 && (head[5] ?? 0) % 32 >= 12],
  ['Z', (head) => starts('1f9d')(head) && ((head[2] ?? 0) & 0x60) === 0 && isLzwBits(head)],
  ['cab', starts('4d53434600000000')],
  ['arj', isArj],
  ['lzh', isLzh],
  ['cpio', isCpio],
  ['ar', matches(/^!<arch>\n/)],
  ['rpm', starts('edabeedb')],
  ['xar', starts('78617221001c')],
  ['wim', reads('MSWIM\0\0\0')],
  ['chm', starts('4954534603000000')],
  ['compound', starts('d0cf11e0a1b11ae1')],
  ['squashfs', (head) => reads('hsqs')(head) && head.length >= 96 && head.readUInt16LE(28) === 4],
  ['cramfs', reads('Compressed ROMFS', 16)],
  ['vhd', reads('conectix\0\0')],
  ['vhdx', reads('vhdxfile')],
  ['vmdk', (head) => reads('KDMV')(head) || reads('# Disk DescriptorFile')(head)],
  ['vdi', starts('7f10dabe', 64)],
  ['qcow', starts('514649fb000000')],
  ['apfs', reads('NXSB', 32)],
  ['ntfs', reads('NTFS    \0', 3)],
  ['gpt', reads('EFI PART\0\0\x01\0', 512)],
  ['ext', (head) => starts('53ef', 1080)(head) && head.readUInt32LE(1048) <= 6],
  ['hfs', (head) => starts('482b0004', 1024)(head) || starts('48580005', 1024)(head)],
  ['fat', isFat],
  ['mbr', isPartitioned],
  ['lzma', isLzmaAlone],
];

const UNSUPPORTED: readonly (readonly [name: string, test: Test])[] = [
  ['an old RAR archive', starts('52457e5e')],
  ['an lzop file', starts('894c5a4f000d0a1a')],
  ['a Snappy file', starts('ff060000734e61507059')],
  ['an ACE archive', matches(/^[^]{7}\*\*ACE\*\*/)],
  ['a ZOO archive', starts('dca7c4fd', 20)],
  ['an ALZ archive', starts('414c5a01')],
  ['an EGG archive', starts('454747410001')],
  ['a ZPAQ archive', (head) => starts('7a505101')(head) || starts('7a505102')(head)],
  ['a StuffIt archive', matches(/^(SIT![^]{6}rLau|StuffIt \(c\)1997-)/)],
  ['a thin ar archive', matches(/^!<thin>\n/)],
  ['an InstallShield cabinet', (head) => reads('ISc(')(head) && head[7] === 1],
  ['a TNEF attachment', starts('789f3e22')],
  ['a split or spanned zip', (head) => starts('504b0708')(head) || starts('504b3030')(head)],
];

const MAIL_FIELD =
  /^(from|to|cc|subject|date|received|return-path|message-id|mime-version|content-type|content-transfer-encoding|delivered-to|reply-to|sender|x-[\w-]+)[ \t]*:/gim;

/** `undefined` for anything not listed above. */
export function formatOf(head: Buffer): Format | undefined {
  if (starts('504b0304')(head) || starts('504b0506')(head)) return { kind: 'zip' };
  if (starts('1f8b')(head)) return { kind: 'gzip' };
  const opened = OPENED.find(([, test]) => test(head));
  if (opened !== undefined) return { kind: 'container', container: opened[0] };
  const unsupported = UNSUPPORTED.find(([, test]) => test(head));
  if (unsupported !== undefined) return { kind: 'unsupported', name: unsupported[0] };
  if (isTar(head)) return { kind: 'tar' };
  if (hasDescriptor(head, 'NSR0')) return { kind: 'container', container: 'udf' };
  if (hasDescriptor(head, 'CD001')) return { kind: 'container', container: 'iso' };
  const message = encryptedMessage(head);
  if (message !== undefined) return message;
  if (saysPdf(head)) return { kind: 'container', container: 'pdf' };
  if (isProgram(head)) return { kind: 'program' };
  if (isMail(head)) return { kind: 'container', container: 'mail' };
  return undefined;
}

/** A header with the magic, or, as in the oldest tars, with a valid checksum only. */
function isTar(head: Buffer): boolean {
  if (head.length < 512) return false;
  return head.toString('latin1', 257, 262) === 'ustar' || tarChecksumMatches(head.subarray(0, 512));
}

/** The checksum is the sum of the block's bytes, its own field counted as spaces. */
export function tarChecksumMatches(block: Buffer): boolean {
  const written = block.toString('latin1', 148, 156).replaceAll(/[\0 ]/g, '');
  if (!/^[0-7]+$/.test(written)) return false;
  let sum = 8 * 32;
  for (const [at, byte] of block.entries()) if (at < 148 || at >= 156) sum += byte;
  return sum === Number.parseInt(written, 8);
}

/** Starts with a block, or, when empty, with the end of the stream. */
function isBzip2(head: Buffer): boolean {
  const begins = matches(/^BZh[1-9]/)(head);
  return begins && (starts('314159265359', 4)(head) || starts('177245385090', 4)(head));
}

/** A frame of Zstandard or LZ4 that is passed over; data follows. */
function isSkippable(head: Buffer): boolean {
  return starts('2a4d18', 1)(head) && (head[0] ?? 0) >> 4 === 5;
}

function isLzwBits(head: Buffer): boolean {
  const bits = (head[2] ?? 0) % 32;
  return bits >= 9 && bits <= 16;
}

/** Windows, ELF, script and Mach-O: possible starts of a self-extracting archive. */
function isProgram(head: Buffer): boolean {
  return matches(/^(MZ|\x7fELF|#!|[\xce\xcf]\xfa\xed\xfe|\xca\xfe\xba\xbe)/)(head);
}

/** A PDF may begin behind something else, even behind the first line of a program. */
function saysPdf(head: Buffer): boolean {
  return head.subarray(0, 1024).includes('%PDF-');
}

/** At least two mail header fields, of which the first may come behind long ones. */
function isMail(head: Buffer): boolean {
  if (head.subarray(0, 512).includes(0)) return false;
  const fields = head.toString('latin1').matchAll(MAIL_FIELD);
  return new Set(fields.map(([, name]) => name?.toLowerCase())).size >= 2;
}

/** Sectors of 2 KiB from 32 KiB on, each with its kind in front. */
function hasDescriptor(head: Buffer, kind: string): boolean {
  for (let at = 32_769; at + 5 <= head.length; at += 2048) if (reads(kind, at)(head)) return true;
  return false;
}

/** LZMA has no magic, but its header has few possible values. https://www.7-zip.org/sdk.html */
function isLzmaAlone(head: Buffer): boolean {
  if (head.length < 14 || (head[0] ?? 255) >= 225) return false;
  const dictionary = head.readUInt32LE(1);
  const size = head.readBigUInt64LE(5);
  const isTypicalSize = dictionary >= 4096 && [1, 3].includes(oddPart(dictionary));
  // The range coder's first byte is always zero.
  return isTypicalSize && (size === 0xffff_ffff_ffff_ffffn || size < 1n << 38n) && head[13] === 0;
}

/** What is left of an LZMA header after `formatOf`: zeros pack 7,100 to 1, nothing packs better. */
const LZMA_RATIO = 8_000;

/** Whether a file of `sizeBytes` can hold what its LZMA header promises. */
export function isPlausibleLzma(head: Buffer, sizeBytes: number): boolean {
  const size = head.readBigUInt64LE(5);
  return size === 0xffff_ffff_ffff_ffffn || size <= BigInt(sizeBytes) * BigInt(LZMA_RATIO);
}

function oddPart(value: number): number {
  let odd = value;
  while (odd > 0 && odd % 2 === 0) odd /= 2;
  return odd;
}

/** The header is followed by its CRC. */
function isArj(head: Buffer): boolean {
  if (head.length < 34 || !starts('60ea')(head)) return false;
  const size = head.readUInt16LE(2);
  if (size < 30 || size > 2600 || head.length < 8 + size) return false;
  return crc32(head.subarray(4, 4 + size)) === head.readUInt32LE(4 + size);
}

/** Levels 0 and 1 have a checksum of the header, 2 and 3 its size. */
function isLzh(head: Buffer): boolean {
  if (!matches(/^[^]{2}-l[hz][0-9ds]-/)(head) || head.length < 24) return false;
  const level = head[20] ?? 9;
  if (level === 2) return head.readUInt16LE(0) >= 26;
  if (level === 3) return head.readUInt16LE(0) === 4;
  const size = head[0] ?? 0;
  const sum = head.subarray(2, 2 + size).reduce((total, byte) => total + byte, 0);
  return level < 2 && size >= 22 && sum % 256 === head[1];
}

/** Two formats in ASCII, and two bytes with a binary header behind them. */
function isCpio(head: Buffer): boolean {
  if (matches(/^(07070[12][0-9a-fA-F]{104}|070707[0-7]{70})/)(head)) return true;
  const isLittle = starts('c771')(head);
  if (head.length < 28 || (!isLittle && !starts('71c7')(head))) return false;
  const read = (at: number): number => (isLittle ? head.readUInt16LE(at) : head.readUInt16BE(at));
  const nameBytes = read(20);
  const name = head.subarray(26, 26 + nameBytes);
  const isType = [0o01, 0o02, 0o04, 0o06, 0o10, 0o12, 0o14, 0].includes(read(6) >> 12);
  return isType && nameBytes > 1 && nameBytes <= 4096 && name.indexOf(0) === nameBytes - 1;
}

/** A boot sector that describes a file system, as `55 aa` alone does not. */
function isFat(head: Buffer): boolean {
  if (head.length < 512 || !starts('55aa', 510)(head)) return false;
  const isJump = head[0] === 0xe9 || (head[0] === 0xeb && head[2] === 0x90);
  const sector = head.readUInt16LE(11);
  const cluster = head[13] ?? 0;
  return (
    isJump &&
    [512, 1024, 2048, 4096].includes(sector) &&
    cluster > 0 &&
    (cluster & (cluster - 1)) === 0 &&
    head.readUInt16LE(14) > 0 &&
    [1, 2].includes(head[16] ?? 0) &&
    (head[21] ?? 0) >= 0xf0
  );
}

function isUsed(entry: Buffer): boolean {
  return (entry[4] ?? 0) !== 0;
}

/** A partition table: each entry empty, or with a place on the disk. */
function isPartitioned(head: Buffer): boolean {
  if (head.length < 1024 || !starts('55aa', 510)(head)) return false;
  const entries = [446, 462, 478, 494].map((at) => head.subarray(at, at + 16));
  return (
    entries.some(isUsed) &&
    entries.every((it) => it[0] === 0 || it[0] === 0x80) &&
    entries.every((it) => (isUsed(it) ? it.readUInt32LE(12) > 0 : it.every((byte) => byte === 0)))
  );
}
