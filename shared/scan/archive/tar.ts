import { BUDGET, Found, type Budget } from './budget.ts';
import { type Bytes, part, pieces } from './bytes.ts';
import { tarChecksumFits } from './format.ts';
import type { LookInside } from './zip.ts';

const BLOCK_BYTES = 512;
const PAX_BYTES = 1024 * 1024;

/** Hard and symbolic links, devices, directories, pipes: no content of their own. */
const WITHOUT_CONTENT = /[1-6]/;

/**
 * Holds a tar to what the engine reads: sizes in octal, no sparse files, and nothing but zeros
 * behind the end.
 */
export async function inspectTar(
  bytes: Bytes,
  budget: Budget,
  lookInside: LookInside,
): Promise<void> {
  let count = 0;
  let at = 0;
  while (at < bytes.sizeBytes) {
    budget.checkTime();
    const header = await bytes.read(at, BLOCK_BYTES);
    if (header.length < BLOCK_BYTES) throw structure('a tar that breaks off');
    if (isZero(header)) {
      await checkEnd(bytes, at, budget);
      break;
    }
    if (!tarChecksumFits(header)) throw structure('a tar with a broken header');
    const size = sizeOf(header);
    const type = header.toString('latin1', 156, 157);
    const content = part(bytes, at + BLOCK_BYTES, size);
    at += BLOCK_BYTES + Math.ceil(size / BLOCK_BYTES) * BLOCK_BYTES;
    if (at - BLOCK_BYTES >= bytes.sizeBytes && size > 0 && at - bytes.sizeBytes >= BLOCK_BYTES) {
      throw structure('a tar that breaks off');
    }
    if (type === 'S' || type === 'M') throw structure('a sparse or split file in a tar');
    if (type === 'x' || type === 'g') await checkAttributes(content);
    else if (type === 'L' || type === 'K') continue;
    else if (WITHOUT_CONTENT.test(type)) checkEmpty(size);
    else {
      count += 1;
      if (count > BUDGET.members) budget.takeMembers(count);
      await lookInside(content);
    }
  }
  budget.takeMembers(count);
}

/** Octal digits; GNU tar writes larger numbers in binary, where the engine reads nonsense. */
function sizeOf(header: Buffer): number {
  const field = header.toString('latin1', 124, 136);
  if (!/^ *[0-7]*[ \0]*$/.test(field))
    throw structure('a tar with a size that the engine cannot read');
  return Number.parseInt(field.trim() || '0', 8) || 0;
}

/** An extended header can say that the file behind it has another size, or holes. */
async function checkAttributes(content: Bytes): Promise<void> {
  const text = (await content.read(0, PAX_BYTES)).toString('latin1');
  if (content.sizeBytes > PAX_BYTES || /(^|\n)\d+ (size|GNU\.sparse[^=]*)=/.test(text)) {
    throw structure('a tar with sizes that the engine does not read');
  }
}

function checkEmpty(size: number): void {
  if (size > 0) throw structure('a tar with content where none belongs');
}

async function checkEnd(bytes: Bytes, start: number, budget: Budget): Promise<void> {
  for await (const { piece } of pieces(bytes, start, bytes.sizeBytes)) {
    budget.checkTime();
    if (!isZero(piece))
      throw structure('something behind the end of a tar, where the engine stops');
  }
}

function isZero(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0);
}

function structure(detail: string): Found {
  return new Found('archive-structure', detail);
}
