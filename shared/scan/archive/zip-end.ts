import { UnscannableError } from './budget.ts';
import type { Bytes } from './bytes.ts';
import { TAIL_BYTES } from './format.ts';

/** The record at the end of a zip, which locates the directory. */
export type ZipEnd = {
  readonly at: number;
  readonly entries: number;
  readonly directoryBytes: number;
  readonly directoryAt: number;
  /** Base of the offsets; not 0 when something precedes the archive. */
  readonly startAt: number;
};

const END = Buffer.from('504b0506', 'hex');
const ZIP64_LOCATOR = Buffer.from('504b0607', 'hex');
const END_BYTES = 22;
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
  const directoryBytes = record.readUInt32LE(12);
  const directoryAt = record.readUInt32LE(16);
  const locator = await bytes.read(at - LOCATOR_BYTES, at < LOCATOR_BYTES ? 0 : 4);
  if (
    directoryBytes === 0xffffffff ||
    directoryAt === 0xffffffff ||
    locator.equals(ZIP64_LOCATOR)
  ) {
    throw new UnscannableError(
      'archive-structure',
      'a zip64 archive, which the engine does not read',
    );
  }
  const entries = record.readUInt16LE(10);
  if (record.readUInt32LE(4) !== 0 || record.readUInt16LE(8) !== entries) {
    throw new UnscannableError('archive-structure', 'one part of a multi-part zip');
  }
  const startAt = at - directoryBytes - directoryAt;
  return { at, entries, directoryBytes, directoryAt, startAt };
}
