/** File bytes are held in blocks of this size, so that small files use little memory. */
export const BLOCK_BYTES = 64 * 1024;

/** Free blocks kept for reuse by any upload, because the process does not return memory it has used. */
const MAX_POOLED = 256;

const pool: Buffer[] = [];

/** A block of BLOCK_BYTES, not zeroed. */
export function borrowBlock(): Buffer {
  return pool.pop() ?? Buffer.allocUnsafeSlow(BLOCK_BYTES);
}

/** The block must not be used afterwards. */
export function returnBlock(block: Buffer): void {
  if (pool.length < MAX_POOLED) pool.push(block);
}
