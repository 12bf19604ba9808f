import { UnscannableError } from './budget.ts';
import type { Bytes } from './bytes.ts';
import { TAIL_BYTES } from './format.ts';

/** The record at the end of a zip, which locates the directory. */
export type ZipEnd = {
  readonly at: number;
  readonly entries: number;
  readonly directoryBytes: number;
  readonly directoryAt: number;
  readonly isZip64: boolean;
  /** Base of the offsets; not 0 when something precedes the archive. */
  readonly startAt: number;
};

const END = Buffer.from('504b0506', 'hex');
const ZIP64_LOCATOR = Buffer.from('504b0607', 'hex');
const ZIP64_END = Buffer.from('504b0606', 'hex');
const END_BYTES = 22;
const ZIP64_END_BYTES = 56;
const LOCATOR_BYTES = 20;

/** `undefined` when the file does not end with an end record and its comment. */
export async function readZipEnd(bytes: Bytes): Promise<ZipEnd | undefined> {
  const tailAt = Math.max(bytes.sizeBytes - TAIL_BYTES, 0);
  const tail = await bytes.read(tailAt, TAIL_BYTES);
  // As every unpacker does: the last one counts.
  const found = tail.lastIndexOf(END);
  const record = tail.subarray(Math.max(found, 0));
  if (found < 0 || record.length < END_BYTES) return undefined;
  if (END_BYTES + record.readUInt16LE(20) !== record.length) return undefined;
  const at = tailAt + found;
  const locator = await bytes.read(at - LOCATOR_BYTES, at < LOCATOR_BYTES ? 0 : LOCATOR_BYTES);
  if (locator.subarray(0, 4).equals(ZIP64_LOCATOR)) return await readZip64End(bytes, at, record);
  const entries = record.readUInt16LE(10);
  if (record.readUInt32LE(4) !== 0 || record.readUInt16LE(8) !== entries) throw multiPart();
  const directoryBytes = record.readUInt32LE(12);
  const directoryAt = record.readUInt32LE(16);
  const startAt = at - directoryBytes - directoryAt;
  return { at, entries, directoryBytes, directoryAt, isZip64: false, startAt };
}

/** In front of its locator, which is in front of the end record; each number that fits is in both. */
async function readZip64End(bytes: Bytes, endAt: number, record: Buffer): Promise<ZipEnd> {
  const at = endAt - LOCATOR_BYTES - ZIP64_END_BYTES;
  const end = await bytes.read(Math.max(at, 0), at < 0 ? 0 : ZIP64_END_BYTES);
  if (end.length < ZIP64_END_BYTES || !end.subarray(0, 4).equals(ZIP64_END)) throw notZip64();
  const entries = Number(end.readBigUInt64LE(32));
  const directoryBytes = Number(end.readBigUInt64LE(40));
  const directoryAt = Number(end.readBigUInt64LE(48));
  const locator = await bytes.read(endAt - LOCATOR_BYTES, LOCATOR_BYTES);
  const startAt = at - directoryBytes - directoryAt;
  if (
    Number(locator.readBigUInt64LE(8)) + startAt !== at ||
    !isSame(record.readUInt16LE(10), 0xffff, entries) ||
    !isSame(record.readUInt32LE(12), 0xffffffff, directoryBytes) ||
    !isSame(record.readUInt32LE(16), 0xffffffff, directoryAt)
  ) {
    throw notZip64();
  }
  const disks = [end.readUInt32LE(16), end.readUInt32LE(20), locator.readUInt32LE(4)];
  if (disks.some((disk) => disk !== 0) || locator.readUInt32LE(16) > 1) throw multiPart();
  return { at, entries, directoryBytes, directoryAt, isZip64: true, startAt };
}

/** @param none what the short field has where the number does not fit */
function isSame(short: number, none: number, long: number): boolean {
  return short === none || short === long;
}

function multiPart(): UnscannableError {
  return new UnscannableError('archive-structure', 'one part of a multi-part zip');
}

function notZip64(): UnscannableError {
  return new UnscannableError('archive-structure', 'a zip64 archive whose end records disagree');
}
