import { type Bytes, pieces } from './bytes.ts';

const OBJECT = Buffer.from('obj');
const SPACE = 0x20;
const NUMBERED = /\d\s+\d+\s+$/;

/**
 * Whether there is anything in a PDF. `%PDF-` alone proves nothing: a reader of the most tolerant
 * kind looks for `1 0 obj`, and finds nothing without.
 */
export async function hasObjects(bytes: Bytes): Promise<boolean> {
  for await (const { piece } of pieces(bytes, 0, bytes.sizeBytes, 32)) {
    for (let at = piece.indexOf(OBJECT); at >= 0; at = piece.indexOf(OBJECT, at + 3)) {
      if (
        (piece[at - 1] ?? SPACE + 1) <= SPACE &&
        NUMBERED.test(piece.toString('latin1', Math.max(at - 24, 0), at))
      )
        return true;
    }
  }
  return false;
}
