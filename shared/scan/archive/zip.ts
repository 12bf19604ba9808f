import { BUDGET, Found, type Budget } from './budget.ts';
import { type Bytes, part, pieces } from './bytes.ts';
import { inflate } from './expand.ts';
import type { ZipEnd } from './zip-end.ts';
import { listMembers, type Member } from './zip-listing.ts';

/** Looks at what was found inside an archive. */
export type LookInside = (bytes: Bytes) => Promise<void>;

const ENCRYPTED = 0x1 | 0x40 | 0x2000;
const DESCRIPTOR = 0x8;
const PATCHED = 0x20;
const STORED = 0;
const DEFLATED = 8;
const LOCAL_HEADER = Buffer.from('504b0304', 'hex');

/** What the engine unpacks (the first two, Deflate64 and BZip2), and what it passes over. */
const METHODS: Readonly<Record<number, string>> = {
  1: 'Shrink',
  6: 'Implode',
  9: 'Deflate64',
  12: 'BZip2',
  14: 'LZMA',
  93: 'Zstandard',
  95: 'XZ',
  98: 'PPMd',
  99: 'AES',
};

/**
 * Holds a zip to the one form that every unpacker and the engine read alike: members from the start
 * to the directory without a gap, each described twice in the same words, and the end record last.
 *
 * @throws Found where it differs
 */
export async function inspectZip(
  bytes: Bytes,
  end: ZipEnd,
  budget: Budget,
  lookInside: LookInside,
): Promise<void> {
  budget.takeMembers(end.entries);
  if (end.startAt < 0) throw structure('a directory that is not where the archive says');
  const archive = part(bytes, end.startAt, bytes.sizeBytes - end.startAt);
  const members = await listMembers(archive);
  checkDirectory(members, end);

  const first = members[0]?.listed.relativeOffsetOfLocalHeader ?? end.directoryAt;
  await checkFront(bytes, end.startAt + first, budget);
  let at = first;
  for (const [index, member] of members.entries()) {
    budget.checkTime();
    checkMember(member, at);
    const next = members[index + 1]?.listed.relativeOffsetOfLocalHeader ?? end.directoryAt;
    const { fileDataStart } = member.own;
    const dataEnd = fileDataStart + member.listed.compressedSize;
    if (dataEnd > next) throw structure('members that overlap');
    await checkDescriptor(archive, member, dataEnd, next);
    at = next;
    await lookAt(
      part(archive, fileDataStart, member.listed.compressedSize),
      member,
      budget,
      lookInside,
    );
  }
  if (at !== end.directoryAt) throw structure('something between the members and the directory');
}

/** The engine lists entries until they end, whatever their number is said to be. */
function checkDirectory(members: readonly Member[], end: ZipEnd): void {
  let size = 0;
  for (const { listed } of members) {
    size += 46 + listed.fileNameLength + listed.extraFieldLength + listed.fileCommentLength;
  }
  if (size === end.directoryBytes) return;
  const detail = 'a directory that lists other members than the archive says';
  throw new Found('archive-structure', detail, false);
}

/** In front of a self-extracting archive is a program, and no second archive. */
async function checkFront(bytes: Bytes, length: number, budget: Budget): Promise<void> {
  for await (const { piece } of pieces(bytes, 0, length, 3)) {
    budget.checkTime();
    if (piece.includes(LOCAL_HEADER)) throw structure('members that the directory does not list');
  }
}

function checkMember({ listed, own }: Member, expectedAt: number): void {
  if (listed.relativeOffsetOfLocalHeader !== expectedAt) {
    throw structure('members that the directory does not list, or lists twice');
  }
  const flags = listed.generalPurposeBitFlag | own.generalPurposeBitFlag;
  if (flags & ENCRYPTED) throw new Found('encrypted', 'an encrypted member in a zip');
  const methods = [listed.compressionMethod, own.compressionMethod];
  const odd = methods.find((method) => method !== STORED && method !== DEFLATED);
  if (odd !== undefined || flags & PATCHED) {
    const name = flags & PATCHED ? 'patch data' : (METHODS[odd ?? 0] ?? `method ${odd}`);
    throw new Found(
      'archive-method',
      `a zip member packed with ${name}, which cannot be looked into`,
    );
  }
  if (
    listed.extraFields.some(({ id }) => id === 1) ||
    own.compressedSize === 0xffffffff ||
    own.uncompressedSize === 0xffffffff
  ) {
    throw structure('a zip64 member, which the engine does not read');
  }
  const streamed = (own.generalPurposeBitFlag & DESCRIPTOR) !== 0;
  const same = (mine: number, theirs: number): boolean =>
    mine === theirs || (streamed && mine === 0);
  if (
    methods[0] !== methods[1] ||
    !listed.fileNameRaw.equals(own.fileName) ||
    streamed !== ((listed.generalPurposeBitFlag & DESCRIPTOR) !== 0) ||
    !same(own.crc32, listed.crc32) ||
    !same(own.compressedSize, listed.compressedSize) ||
    !same(own.uncompressedSize, listed.uncompressedSize)
  ) {
    throw structure('a member that the directory describes otherwise than its own header');
  }
  if (listed.uncompressedSize > BUDGET.memberBytes) {
    throw new Found('archive-size', `a zip member of ${listed.uncompressedSize} bytes`);
  }
}

/** Behind a streamed member are its CRC and sizes, with or without a signature; else nothing. */
async function checkDescriptor(
  archive: Bytes,
  { listed, own }: Member,
  at: number,
  next: number,
): Promise<void> {
  const words = next - at > 24 ? undefined : await archive.read(at, next - at);
  const streamed = (own.generalPurposeBitFlag & DESCRIPTOR) !== 0;
  if (words?.length === 0 && !streamed) return;
  if (words === undefined || !streamed || !fits(words, listed)) {
    throw structure('something between the members that belongs to none');
  }
}

type Sizes = {
  readonly crc32: number;
  readonly compressedSize: number;
  readonly uncompressedSize: number;
};

function fits(words: Buffer, { crc32, compressedSize, uncompressedSize }: Sizes): boolean {
  const signed = words.length === 16 || words.length === 24;
  if (signed && words.readUInt32LE(0) !== 0x08074b50) return false;
  const rest = words.subarray(signed ? 4 : 0);
  if (rest.length !== 12 && rest.length !== 20) return false;
  const large = rest.length === 20;
  const packed = large ? Number(rest.readBigUInt64LE(4)) : rest.readUInt32LE(4);
  const size = large ? Number(rest.readBigUInt64LE(12)) : rest.readUInt32LE(8);
  return rest.readUInt32LE(0) === crc32 && packed === compressedSize && size === uncompressedSize;
}

async function lookAt(
  packed: Bytes,
  { listed }: Member,
  budget: Budget,
  lookInside: LookInside,
): Promise<void> {
  if (listed.compressionMethod === STORED) {
    if (listed.compressedSize !== listed.uncompressedSize)
      throw structure('a stored member with two sizes');
    await lookInside(packed);
    return;
  }
  await using member = await inflate(packed, 'a zip member', listed.uncompressedSize, budget);
  if (member.sizeBytes !== listed.uncompressedSize) {
    throw structure(
      `a zip member of ${member.sizeBytes} bytes that claims ${listed.uncompressedSize}`,
    );
  }
  if (member.consumedBytes !== packed.sizeBytes) {
    throw structure('bytes behind the end of a zip member');
  }
  await lookInside(member.bytes);
}

function structure(detail: string): Found {
  return new Found('archive-structure', detail);
}
