/** The format by a file's first bytes, as far as the inspection distinguishes it. */
export type Format =
  | { readonly kind: 'zip' | 'gzip' | 'bzip2' | 'xz' | 'tar' }
  /** Not archives, but may contain some. */
  | { readonly kind: 'ole2' | 'pdf' | 'mail' | 'program' }
  /** An archive that the engine cannot read, or reads in part without reporting it. */
  | { readonly kind: 'unsupported'; readonly name: string };

/** The bytes that `formatOf` needs; the magic of ISO 9660 is at 32 KiB. */
export const HEAD_BYTES = 33 * 1024;

/** The end record of a zip with the longest comment. */
export const TAIL_BYTES = 22 + 0xffff;

type Rule = readonly [name: string, test: (head: Buffer) => boolean];

const starts = (hex: string, at = 0): Rule[1] => {
  const magic = Buffer.from(hex, 'hex');
  return (head) => head.subarray(at, at + magic.length).equals(magic);
};
const matches =
  (pattern: RegExp): Rule[1] =>
  (head) =>
    pattern.test(head.toString('latin1', 0, 512));

/** https://www.garykessler.net/library/file_sigs.html and the formats' own descriptions. */
const UNSUPPORTED: readonly Rule[] = [
  // Needs ClamAV's unrar library, which many distributions leave out.
  ['a RAR archive', starts('526172211a07')],
  ['an old RAR archive', starts('52457e5e')],
  // The engine reads Copy, LZMA, LZMA2 and PPMd; BZip2, Deflate and filters it reports as clean. The
  // method is named in a header that is compressed itself.
  ['a 7z archive', starts('377abcaf271c')],
  ['an lzip file', starts('4c5a4950')],
  ['an LZMA file', isLzmaAlone],
  ['a Zstandard file', starts('28b52ffd')],
  ['a Zstandard file', starts('2a4d18', 1)],
  ['an LZ4 file', starts('04224d18')],
  ['an LZ4 file', starts('02214c18')],
  ['an lzop file', starts('894c5a4f000d0a1a')],
  [
    'a compress (.Z) file',
    (head) => starts('1f9d')(head) && (head[2] ?? 0) % 32 >= 9 && (head[2] ?? 0) % 32 <= 16,
  ],
  ['a Snappy file', starts('ff060000734e61507059')],
  ['an ACE archive', matches(/^[^]{7}\*\*ACE\*\*/)],
  ['a ZOO archive', starts('dca7c4fd', 20)],
  ['an ALZ archive', starts('414c5a01')],
  ['an EGG archive', starts('45474741')],
  ['a ZPAQ archive', starts('7a5051')],
  ['a StuffIt archive', matches(/^(SIT!|StuffIt )/)],
  ['a Windows image (WIM)', starts('4d5357494d000000')],
  ['a SquashFS image', starts('68737173')],
  ['an ar archive', matches(/^!<(arch|thin)>\n/)],
  ['an RPM package', starts('edabeedb')],
  // The engine opens these, but its OK does not tell whether it read all of them.
  ['a cabinet file', starts('4d53434600000000')],
  ['an InstallShield cabinet', starts('49536328')],
  ['an ARJ archive', isArj],
  ['an LHA archive', matches(/^[^]{2}-l[hz][0-9ds]-/)],
  [
    'a cpio archive',
    matches(/^(07070[12][0-9a-fA-F]{104}|070707[0-7]{70}|\xc7\x71[^]{24}|\x71\xc7[^]{24})/),
  ],
  ['a XAR archive', starts('78617221001c')],
  ['a compiled help file', starts('4954534603000000')],
  ['a TNEF attachment', starts('789f3e22')],
  ['an ISO 9660 image', starts('4344303031', 32_769)],
  ['a split or spanned zip', (head) => starts('504b0708')(head) || starts('504b3030')(head)],
];

const MAIL_FIELD =
  /^(from|to|cc|subject|date|received|return-path|message-id|mime-version|content-type|content-transfer-encoding|delivered-to|reply-to|sender|x-[\w-]+)[ \t]*:/gim;

/** `undefined` for anything not listed above. */
export function formatOf(head: Buffer): Format | undefined {
  if (starts('504b0304')(head) || starts('504b0506')(head)) return { kind: 'zip' };
  if (starts('1f8b')(head)) return { kind: 'gzip' };
  if (isBzip2(head)) return { kind: 'bzip2' };
  if (starts('fd377a585a00')(head)) return { kind: 'xz' };
  if (starts('d0cf11e0a1b11ae1')(head)) return { kind: 'ole2' };
  const unsupported = UNSUPPORTED.find(([, test]) => test(head));
  if (unsupported !== undefined) return { kind: 'unsupported', name: unsupported[0] };
  if (isTar(head)) return { kind: 'tar' };
  if (isProgram(head)) return { kind: 'program' };
  if (head.subarray(0, 1024).includes('%PDF-')) return { kind: 'pdf' };
  if (isMail(head)) return { kind: 'mail' };
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

/** Windows, ELF, script and Mach-O: possible starts of a self-extracting archive. */
function isProgram(head: Buffer): boolean {
  return matches(/^(MZ|\x7fELF|#!|[\xce\xcf]\xfa\xed\xfe|\xca\xfe\xba\xbe)/)(head);
}

/** At least two mail header fields among the first lines. */
function isMail(head: Buffer): boolean {
  const fields = head.toString('latin1', 0, 4096).matchAll(MAIL_FIELD);
  return new Set(fields.map(([, name]) => name?.toLowerCase())).size >= 2;
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

function oddPart(value: number): number {
  let odd = value;
  while (odd > 0 && odd % 2 === 0) odd /= 2;
  return odd;
}

function isArj(head: Buffer): boolean {
  if (head.length < 34 || !starts('60ea')(head)) return false;
  const size = head.readUInt16LE(2);
  return size >= 30 && size <= 2600 && head[10] === 2;
}
