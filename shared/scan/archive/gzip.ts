import { BUDGET, UnscannableError, type Budget } from './budget.ts';
import { type Bytes, part } from './bytes.ts';
import { inflate } from './expand.ts';
import type { InspectMember } from './zip.ts';

const HEADER_CRC = 2;
const EXTRA = 4;
const NAME = 8;
const COMMENT = 16;
const TRAILER_BYTES = 8;
const LONGEST_HEADER_BYTES = 128 * 1024;

/**
 * The engine reads only the first member of a gzip file.
 *
 * @returns whether it must be opened: there are more, or the engine is blind to the content
 */
export async function inspectGzip(
  bytes: Bytes,
  budget: Budget,
  inspectMember: InspectMember,
): Promise<boolean> {
  const start = headerLength(await bytes.read(0, LONGEST_HEADER_BYTES));
  const packed = part(bytes, start, Math.max(bytes.sizeBytes - start - TRAILER_BYTES, 0));
  await using content = await inflate(packed, 'a gzip file', BUDGET.memberBytes, budget);
  return content.consumedBytes !== packed.sizeBytes || (await inspectMember(content.bytes));
}

/** https://www.rfc-editor.org/rfc/rfc1952 section 2.3 */
function headerLength(head: Buffer): number {
  const flags = head[3] ?? 0xff;
  if (head[2] !== 8 || flags > 31) {
    throw new UnscannableError('archive-method', 'a gzip file with an unknown method');
  }
  let at = 10;
  if (flags & EXTRA) at += 2 + (head.length < 12 ? 0 : head.readUInt16LE(10));
  for (const text of [NAME, COMMENT]) {
    if ((flags & text) === 0) continue;
    const end = head.indexOf(0, at);
    if (end < 0)
      throw new UnscannableError('archive-structure', 'a gzip file with an unterminated header');
    at = end + 1;
  }
  return flags & HEADER_CRC ? at + 2 : at;
}
