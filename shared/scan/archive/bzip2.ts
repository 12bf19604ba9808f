import { UnscannableError, type Budget } from './budget.ts';
import { type Bytes, pieces } from './bytes.ts';

/** Follows `BZh` and the digit of the block size. */
const BLOCK = Buffer.from('314159265359', 'hex');
const END_OF_STREAM = 0x177245385090n;

/**
 * The engine reads only the first stream of a bzip2 file; parallel compressors write many. The
 * content is not inspected here.
 */
export async function inspectBzip2(bytes: Bytes, budget: Budget): Promise<void> {
  for await (const { at, piece } of pieces(bytes, 4, bytes.sizeBytes, 9)) {
    budget.checkTime();
    for (let found = piece.indexOf('BZh'); found >= 0; found = piece.indexOf('BZh', found + 1)) {
      if (at + found > 0 && piece.subarray(found + 4, found + 10).equals(BLOCK))
        throw structureError();
    }
  }
  if (!endsWithStream(await bytes.read(Math.max(bytes.sizeBytes - 11, 0), 11)))
    throw structureError();
}

/** The end mark and a 32-bit CRC, starting at any bit, padded to a whole byte. */
function endsWithStream(tail: Buffer): boolean {
  if (tail.length < 11) return false;
  const bits = BigInt(`0x${tail.toString('hex')}`);
  const mask = 0xffff_ffff_ffffn;
  for (let fill = 0n; fill < 8n; fill += 1n) {
    if (((bits >> (32n + fill)) & mask) === END_OF_STREAM) return true;
  }
  return false;
}

function structureError(): UnscannableError {
  const detail = 'bytes after the first bzip2 stream, or a truncated file';
  return new UnscannableError('archive-structure', detail);
}
