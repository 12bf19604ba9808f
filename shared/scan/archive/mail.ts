import { UnscannableError, type Budget } from './budget.ts';
import { type Bytes, pieces } from './bytes.ts';
import { formatOf } from './format.ts';

const PEEK_BYTES = 2048;
const BLANK_LINE = /\r?\n[ \t]*\r?\n/g;

/**
 * Rejects a mail with an archive attached: the engine opens it, but what it skips in there cannot be
 * checked.
 */
export async function inspectMail(bytes: Bytes, budget: Budget): Promise<void> {
  for await (const { piece } of pieces(bytes, 0, bytes.sizeBytes, PEEK_BYTES)) {
    budget.checkTime();
    const text = piece.toString('latin1');
    for (const { index, 0: blank } of text.matchAll(BLANK_LINE)) {
      const start = index + blank.length;
      const content = Buffer.from(text.slice(start, start + PEEK_BYTES), 'base64');
      const kind = formatOf(content)?.kind;
      if (kind !== undefined && kind !== 'mail' && kind !== 'pdf' && kind !== 'program') {
        throw new UnscannableError('archive-nesting', 'a mail with an archive attached');
      }
    }
  }
}
