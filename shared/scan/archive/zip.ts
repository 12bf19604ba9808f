import { BUDGET, UnscannableError, type Budget } from './budget.ts';
import { type Bytes, part, pieces } from './bytes.ts';
import { inflate } from './expand.ts';
import type { ZipEnd } from './zip-end.ts';
import { listMembers, type Member } from './zip-listing.ts';

/** Inspects a member of an archive, as its format requires. */
export type InspectMember = (bytes: Bytes) => Promise<void>;

const ENCRYPTED = 0x1 | 0x40 | 0x2000;
const DESCRIPTOR = 0x8;
const PATCHED = 0x20;
const STORED = 0;
const DEFLATED = 8;
const LOCAL_HEADER = Buffer.from('504b0304', 'hex');

/** Besides Store and Deflate. The engine unpacks Deflate64 and BZip2, and skips the others. */
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
 * Accepts only the form that every unpacker and the engine read alike: members without gaps from the
 * start to the directory, each described identically in both headers, and the end record last.
 *
 * @throws UnscannableError for any other form
 */
export async function inspectZip(
  bytes: Bytes,
  end: ZipEnd,
  budget: Budget,
  inspectMember: InspectMember,
): Promise<void> {
  budget.takeMembers(end.entries);
  if (end.startAt < 0) throw structureError('a directory that is not at the stated offset');
  const archive = part(bytes, end.startAt, bytes.sizeBytes - end.startAt);
  const members = await listMembers(archive);
  checkDirectory(members, end);

  const first = members[0]?.listed.relativeOffsetOfLocalHeader ?? end.directoryAt;
  await checkPrefix(bytes, end.startAt + first, budget);
  let at = first;
  for (const [index, member] of members.entries()) {
    budget.checkTime();
    checkMember(member, at);
    const next = members[index + 1]?.listed.relativeOffsetOfLocalHeader ?? end.directoryAt;
    const { fileDataStart } = member.local;
    const dataEnd = fileDataStart + member.listed.compressedSize;
    if (dataEnd > next) throw structureError('members that overlap');
    await checkDescriptor(archive, member, dataEnd, next);
    at = next;
    await inspectContent(
      part(archive, fileDataStart, member.listed.compressedSize),
      member,
      budget,
      inspectMember,
    );
  }
  if (at !== end.directoryAt) throw structureError('bytes between the members and the directory');
}

/** The engine reads entries until they end, regardless of the stated number. */
function checkDirectory(members: readonly Member[], end: ZipEnd): void {
  let size = 0;
  for (const { listed } of members) {
    size += 46 + listed.fileNameLength + listed.extraFieldLength + listed.fileCommentLength;
  }
  if (size === end.directoryBytes) return;
  const detail = 'a directory that is not of the stated size';
  throw new UnscannableError('archive-structure', detail, false);
}

/** A self-extracting archive starts with a program, not with another archive. */
async function checkPrefix(bytes: Bytes, length: number, budget: Budget): Promise<void> {
  for await (const { piece } of pieces(bytes, 0, length, 3)) {
    budget.checkTime();
    if (piece.includes(LOCAL_HEADER))
      throw structureError('members that the directory does not list');
  }
}

function checkMember({ listed, local }: Member, expectedAt: number): void {
  if (listed.relativeOffsetOfLocalHeader !== expectedAt) {
    throw structureError('members that the directory does not list, or lists twice');
  }
  const flags = listed.generalPurposeBitFlag | local.generalPurposeBitFlag;
  if (flags & ENCRYPTED) throw new UnscannableError('encrypted', 'an encrypted member in a zip');
  const methods = [listed.compressionMethod, local.compressionMethod];
  const unsupported = methods.find((method) => method !== STORED && method !== DEFLATED);
  if (unsupported !== undefined || flags & PATCHED) {
    const name =
      flags & PATCHED ? 'patch data' : (METHODS[unsupported ?? 0] ?? `method ${unsupported}`);
    throw new UnscannableError(
      'archive-method',
      `a zip member packed with ${name}, which is not inspected`,
    );
  }
  if (
    listed.extraFields.some(({ id }) => id === 1) ||
    local.compressedSize === 0xffffffff ||
    local.uncompressedSize === 0xffffffff
  ) {
    throw structureError('a zip64 member, which the engine does not read');
  }
  const isStreamed = (local.generalPurposeBitFlag & DESCRIPTOR) !== 0;
  const isSame = (inLocal: number, inDirectory: number): boolean =>
    inLocal === inDirectory || (isStreamed && inLocal === 0);
  if (
    methods[0] !== methods[1] ||
    !listed.fileNameRaw.equals(local.fileName) ||
    isStreamed !== ((listed.generalPurposeBitFlag & DESCRIPTOR) !== 0) ||
    !isSame(local.crc32, listed.crc32) ||
    !isSame(local.compressedSize, listed.compressedSize) ||
    !isSame(local.uncompressedSize, listed.uncompressedSize)
  ) {
    throw structureError('a member that directory and local header describe differently');
  }
  if (listed.uncompressedSize > BUDGET.memberBytes) {
    throw new UnscannableError('archive-size', `a zip member of ${listed.uncompressedSize} bytes`);
  }
}

/** A streamed member is followed by its CRC and sizes, with or without a signature; others by nothing. */
async function checkDescriptor(
  archive: Bytes,
  { listed, local }: Member,
  at: number,
  next: number,
): Promise<void> {
  const descriptor = next - at > 24 ? undefined : await archive.read(at, next - at);
  const isStreamed = (local.generalPurposeBitFlag & DESCRIPTOR) !== 0;
  if (descriptor?.length === 0 && !isStreamed) return;
  if (descriptor === undefined || !isStreamed || !matchesDescriptor(descriptor, listed)) {
    throw structureError('bytes between the members');
  }
}

type Sizes = {
  readonly crc32: number;
  readonly compressedSize: number;
  readonly uncompressedSize: number;
};

function matchesDescriptor(
  descriptor: Buffer,
  { crc32, compressedSize, uncompressedSize }: Sizes,
): boolean {
  const hasSignature = descriptor.length === 16 || descriptor.length === 24;
  if (hasSignature && descriptor.readUInt32LE(0) !== 0x08074b50) return false;
  const rest = descriptor.subarray(hasSignature ? 4 : 0);
  if (rest.length !== 12 && rest.length !== 20) return false;
  const isZip64 = rest.length === 20;
  const packed = isZip64 ? Number(rest.readBigUInt64LE(4)) : rest.readUInt32LE(4);
  const size = isZip64 ? Number(rest.readBigUInt64LE(12)) : rest.readUInt32LE(8);
  return rest.readUInt32LE(0) === crc32 && packed === compressedSize && size === uncompressedSize;
}

async function inspectContent(
  packed: Bytes,
  { listed }: Member,
  budget: Budget,
  inspectMember: InspectMember,
): Promise<void> {
  if (listed.compressionMethod === STORED) {
    if (listed.compressedSize !== listed.uncompressedSize)
      throw structureError('a stored member with two sizes');
    await inspectMember(packed);
    return;
  }
  await using member = await inflate(packed, 'a zip member', listed.uncompressedSize, budget);
  if (member.sizeBytes !== listed.uncompressedSize) {
    throw structureError(
      `a zip member of ${member.sizeBytes} bytes instead of the stated ${listed.uncompressedSize}`,
    );
  }
  if (member.consumedBytes !== packed.sizeBytes) {
    throw structureError('bytes after the packed data of a zip member');
  }
  await inspectMember(member.bytes);
}

function structureError(detail: string): UnscannableError {
  return new UnscannableError('archive-structure', detail);
}
