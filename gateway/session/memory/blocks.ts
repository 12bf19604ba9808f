/** File bytes are held in pieces of this size: small files take little, and any mix of files fits. */
export const BLOCK_BYTES = 64 * 1024;

/** Blocks kept for the next upload, whoever's it is: memory that was touched once is not given back. */
const KEPT_COUNT = 256;

const kept: Buffer[] = [];

/** A block of BLOCK_BYTES; what it contains is left over from whatever. */
export function borrowBlock(): Buffer {
  return kept.pop() ?? Buffer.allocUnsafeSlow(BLOCK_BYTES);
}

/** Nothing may look at the block any more. */
export function returnBlock(block: Buffer): void {
  if (kept.length < KEPT_COUNT) kept.push(block);
}
