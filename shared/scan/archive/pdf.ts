import { inflateSync, constants } from 'node:zlib';
import { UnscannableError, type Budget } from './budget.ts';
import { type Bytes, pieces } from './bytes.ts';
import { formatOf } from './format.ts';

const STREAM = Buffer.from('stream');
const PEEK_BYTES = 1024;

/**
 * Rejects a PDF with an archive attached: the engine opens it, but what it skips in there cannot be
 * checked. Finds only attachments that are stored or deflated once.
 */
export async function inspectPdf(bytes: Bytes, budget: Budget): Promise<void> {
  for await (const { piece } of pieces(bytes, 0, bytes.sizeBytes, PEEK_BYTES)) {
    budget.checkTime();
    for (let at = piece.indexOf(STREAM); at >= 0; at = piece.indexOf(STREAM, at + 6)) {
      let start = at + STREAM.length;
      if (piece[start] === 0x0d) start += 1;
      if (piece[start] !== 0x0a) continue;
      const content = piece.subarray(start + 1, start + 1 + PEEK_BYTES);
      if (isArchive(content) || isArchive(inflated(content))) {
        throw new UnscannableError('archive-nesting', 'a PDF with an archive attached');
      }
    }
  }
}

function isArchive(head: Buffer): boolean {
  const kind = formatOf(head)?.kind;
  return kind !== undefined && kind !== 'pdf' && kind !== 'program' && kind !== 'mail';
}

/** As much as can be inflated; empty when it is not deflated. */
function inflated(content: Buffer): Buffer {
  try {
    return inflateSync(content, { finishFlush: constants.Z_SYNC_FLUSH });
  } catch {
    return Buffer.alloc(0);
  }
}
