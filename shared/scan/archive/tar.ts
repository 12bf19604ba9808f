import { BUDGET, UnscannableError, type Budget } from './budget.ts';
import { type Bytes, part, pieces } from './bytes.ts';
import type { ListedMember } from '../../model/container.ts';
import { tarChecksumMatches } from './format.ts';
import type { InspectMember } from './zip.ts';

const BLOCK_BYTES = 512;
const PAX_BYTES = 1024 * 1024;

/** Hard and symbolic links, devices, directories, pipes. */
const WITHOUT_CONTENT = /[1-6]/;

/**
 * Accepts only what the engine reads: sizes in octal, no sparse files, and nothing but zeros after
 * the end.
 *
 * @returns the files, and whether the engine is blind to the content of one
 * @throws UnscannableError for any other form
 */
export async function inspectTar(
  bytes: Bytes,
  budget: Budget,
  inspectMember: InspectMember,
): Promise<{ readonly isBlind: boolean; readonly listed: readonly ListedMember[] }> {
  const listed: ListedMember[] = [];
  let isBlind = false;
  let at = 0;
  while (at < bytes.sizeBytes) {
    budget.checkTime();
    const header = await bytes.read(at, BLOCK_BYTES);
    if (header.length < BLOCK_BYTES) throw structureError('a truncated tar');
    if (isZero(header)) {
      await checkEnd(bytes, at, budget);
      break;
    }
    if (!tarChecksumMatches(header)) throw structureError('a tar with an invalid header');
    const size = sizeOf(header);
    const type = header.toString('latin1', 156, 157);
    const content = part(bytes, at + BLOCK_BYTES, size);
    at += BLOCK_BYTES + Math.ceil(size / BLOCK_BYTES) * BLOCK_BYTES;
    if (at - BLOCK_BYTES >= bytes.sizeBytes && size > 0 && at - bytes.sizeBytes >= BLOCK_BYTES) {
      throw structureError('a truncated tar');
    }
    if (type === 'S' || type === 'M') throw structureError('a sparse or split file in a tar');
    if (type === 'x' || type === 'g') await checkAttributes(content);
    else if (type === 'L' || type === 'K') continue;
    else if (WITHOUT_CONTENT.test(type)) checkEmpty(size);
    else {
      listed.push({ sizeBytes: size });
      if (listed.length > BUDGET.members) budget.takeMembers(listed.length);
      isBlind = (await inspectMember(content)) || isBlind;
    }
  }
  budget.takeMembers(listed.length);
  return { isBlind, listed };
}

/** Octal digits; GNU tar writes large sizes in binary, which the engine misreads. */
function sizeOf(header: Buffer): number {
  const field = header.toString('latin1', 124, 136);
  if (!/^ *[0-7]*[ \0]*$/.test(field))
    throw structureError('a tar with a size that the engine cannot read');
  return Number.parseInt(field.trim() || '0', 8) || 0;
}

/** An extended header can change the size of the next file, or declare it sparse. */
async function checkAttributes(content: Bytes): Promise<void> {
  const text = (await content.read(0, PAX_BYTES)).toString('latin1');
  if (content.sizeBytes > PAX_BYTES || /(^|\n)\d+ (size|GNU\.sparse[^=]*)=/.test(text)) {
    throw structureError('a tar with sizes that the engine does not read');
  }
}

function checkEmpty(size: number): void {
  if (size > 0) throw structureError('a tar with content in an entry that has none');
}

async function checkEnd(bytes: Bytes, start: number, budget: Budget): Promise<void> {
  for await (const { piece } of pieces(bytes, start, bytes.sizeBytes)) {
    budget.checkTime();
    if (!isZero(piece))
      throw structureError('bytes after the end of a tar, where the engine stops');
  }
}

function isZero(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0);
}

function structureError(detail: string): UnscannableError {
  return new UnscannableError('archive-structure', detail);
}
