import { UnscannableError, type Budget } from './budget.ts';
import { type Bytes, pieces } from './bytes.ts';

/**
 * ClamAV 1.4 normalizes script in HTML in quadratic time, regardless of MaxScanTime: 60 MB take
 * 7 s, 100 MB about 20 s, 200 MB 67 s.
 */
const MAX_BYTES = 100_000_000;
const SCRIPT = /<script/i;

/** Rejects files that would occupy the engine for minutes. */
export async function checkScript(bytes: Bytes, budget: Budget): Promise<void> {
  if (bytes.sizeBytes <= MAX_BYTES) return;
  if ((await bytes.read(0, 512)).includes(0)) return;
  for await (const { piece } of pieces(bytes, 0, bytes.sizeBytes, 7)) {
    budget.checkTime();
    if (!SCRIPT.test(piece.toString('latin1'))) continue;
    const detail = `HTML with script in ${bytes.sizeBytes} bytes; at most ${MAX_BYTES} are scanned`;
    throw new UnscannableError('unsupported-format', detail, false);
  }
}
