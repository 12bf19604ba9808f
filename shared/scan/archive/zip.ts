import type { ListedMember } from '../../model/container.ts';
import { BUDGET, UnscannableError, type Budget } from './budget.ts';
import { type Bytes, part, pieces } from './bytes.ts';
import { inflate } from './expand.ts';
import type { ZipEnd } from './zip-end.ts';
import { listMembers, type Member } from './zip-listing.ts';

/** Inspects a member of an archive. @returns whether the engine may be blind to what is in it */
export type InspectMember = (bytes: Bytes) => Promise<boolean>;

const ENCRYPTED = 0x1 | 0x40 | 0x2000;
const DESCRIPTOR = 0x8;
const PATCHED = 0x20;
const STORED = 0;
const DEFLATED = 8;
const LOCAL_HEADER = Buffer.from('504b0304', 'hex');
const AES = 99;
const ZIP64 = 1;
const IN_ZIP64 = 0xffffffff;

type InspectedZip = {
  readonly isBlind: boolean;
  readonly listed: readonly ListedMember[];
  readonly startsAt: number;
};

/**
 * Accepts only the form that every unpacker reads alike: members without gaps from the start to the
 * directory, each described identically in both headers, and the end record last.
 *
 * @returns the members in the order of their offsets, where the first one begins, and whether the engine
 *   is blind to one: it does not read zip64 and most methods
 * @throws UnscannableError for any other form
 */
export async function inspectZip(
  bytes: Bytes,
  end: ZipEnd,
  budget: Budget,
  inspectMember: InspectMember,
): Promise<InspectedZip> {
  budget.takeMembers(end.entries);
  if (end.startAt < 0) throw structureError('a directory that is not at the stated offset');
  const archive = part(bytes, end.startAt, bytes.sizeBytes - end.startAt);
  const members = await listMembers(archive);
  checkDirectory(members, end);

  const first = members[0]?.listed.relativeOffsetOfLocalHeader ?? end.directoryAt;
  await checkPrefix(bytes, end.startAt + first, budget);
  let at = first;
  let isBlind = end.isZip64;
  for (const [index, member] of members.entries()) {
    budget.checkTime();
    checkMember(member, at);
    const next = members[index + 1]?.listed.relativeOffsetOfLocalHeader ?? end.directoryAt;
    const { fileDataStart } = member.local;
    const dataEnd = fileDataStart + member.listed.compressedSize;
    if (dataEnd > next) throw structureError('members that overlap');
    const isLast = index + 1 === members.length;
    const dataMustEndAt = isLast ? await signingBlockAt(archive, dataEnd, next) : next;
    await checkDescriptor(archive, member, dataEnd, dataMustEndAt);
    at = next;
    const packed = part(archive, fileDataStart, member.listed.compressedSize);
    if (!isFile(member) && member.listed.uncompressedSize > 0)
      throw structureError('a folder with content');
    isBlind = (await inspectContent(packed, member, budget, inspectMember)) || isBlind;
  }
  if (at !== end.directoryAt) throw structureError('bytes between the members and the directory');
  return {
    isBlind,
    listed: members.filter(isFile).map(listedMember),
    startsAt: end.startAt + first,
  };
}

function isFile({ listed }: Member): boolean {
  return !listed.fileNameRaw.toString('latin1').endsWith('/');
}

function listedMember({ listed }: Member): ListedMember {
  return { sizeBytes: listed.uncompressedSize, crc32: listed.crc32 };
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
  if (listed.compressionMethod === AES)
    throw new UnscannableError('encrypted', 'an encrypted member in a zip');
  const { compressedSize, uncompressedSize } = localSizes(local);
  const isStreamed = (local.generalPurposeBitFlag & DESCRIPTOR) !== 0;
  const isSame = (inLocal: number, inDirectory: number): boolean =>
    inLocal === inDirectory || (isStreamed && inLocal === 0);
  if (
    methods[0] !== methods[1] ||
    !listed.fileNameRaw.equals(local.fileName) ||
    isStreamed !== ((listed.generalPurposeBitFlag & DESCRIPTOR) !== 0) ||
    !isSame(local.crc32, listed.crc32) ||
    !isSame(compressedSize, listed.compressedSize) ||
    !isSame(uncompressedSize, listed.uncompressedSize)
  ) {
    throw structureError('a member that directory and local header describe differently');
  }
  if (listed.uncompressedSize > BUDGET.memberBytes) {
    throw new UnscannableError('archive-size', `a zip member of ${listed.uncompressedSize} bytes`);
  }
}

type LocalSizes = Pick<Member['local'], 'compressedSize' | 'uncompressedSize'>;

/** With those of the zip64 field, where the header refers to it. */
function localSizes({ extraField, ...local }: Member['local']): LocalSizes {
  const inField = [local.uncompressedSize, local.compressedSize].filter((it) => it === IN_ZIP64);
  if (inField.length === 0) return local;
  const field = fieldOf(extraField, ZIP64);
  if (field === undefined || field.length < inField.length * 8)
    throw structureError('a zip64 member without its sizes');
  const next = (size: number, at: number): number =>
    size === IN_ZIP64 ? Number(field.readBigUInt64LE(at)) : size;
  const uncompressedSize = next(local.uncompressedSize, 0);
  const compressedSize = next(local.compressedSize, local.uncompressedSize === IN_ZIP64 ? 8 : 0);
  return { compressedSize, uncompressedSize };
}

function fieldOf(extra: Buffer, wanted: number): Buffer | undefined {
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) === wanted)
      return extra.subarray(at + 4, at + 4 + extra.readUInt16LE(at + 2));
  }
  return undefined;
}

const SIGNING_MAGIC = 'APK Sig Block 42';

/**
 * Where the block of signatures begins that Android packages have before their directory; `next`
 * without one. https://source.android.com/docs/security/features/apksigning/v2
 */
async function signingBlockAt(archive: Bytes, from: number, next: number): Promise<number> {
  if (next - from < 32) return next;
  const tail = await archive.read(next - 24, 24);
  if (tail.toString('latin1', 8) !== SIGNING_MAGIC) return next;
  const at = next - 8 - Number(tail.readBigUInt64LE(0));
  if (at < from || !(await archive.read(at, 8)).equals(tail.subarray(0, 8))) return next;
  return at;
}

/** What the engine skips. */
function isBlindTo({ listed, local }: Member): boolean {
  const flags = listed.generalPurposeBitFlag | local.generalPurposeBitFlag;
  return (
    ![STORED, DEFLATED].includes(listed.compressionMethod) ||
    (flags & PATCHED) !== 0 ||
    listed.extraFields.some(({ id }) => id === ZIP64) ||
    local.compressedSize === IN_ZIP64 ||
    local.uncompressedSize === IN_ZIP64
  );
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
  member: Member,
  budget: Budget,
  inspectMember: InspectMember,
): Promise<boolean> {
  const { listed } = member;
  if (isBlindTo(member)) return true;
  if (listed.compressionMethod === STORED) {
    if (listed.compressedSize !== listed.uncompressedSize)
      throw structureError('a stored member with two sizes');
    return await inspectMember(packed);
  }
  await using unpacked = await inflate(packed, 'a zip member', listed.uncompressedSize, budget);
  if (unpacked.sizeBytes !== listed.uncompressedSize) {
    throw structureError(
      `a zip member of ${unpacked.sizeBytes} bytes instead of the stated ${listed.uncompressedSize}`,
    );
  }
  if (unpacked.consumedBytes !== packed.sizeBytes) {
    throw structureError('bytes after the packed data of a zip member');
  }
  return await inspectMember(unpacked.bytes);
}

function structureError(detail: string): UnscannableError {
  return new UnscannableError('archive-structure', detail);
}
