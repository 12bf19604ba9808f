import { LEASE_S } from '../../shared/dead-letters/dead-letters.ts';
import { EXIT } from '../ops-error.ts';
import type { Output } from '../output.ts';

/**
 * Says how many dead letters another command has in hand. What is reported is then not all there is, so
 * the exit code is `unfinished`.
 *
 * @param now epoch milliseconds
 */
export function noteInHand(inHandCount: number, out: Output, now: number = Date.now()): void {
  if (inHandCount === 0) return;
  const until = new Date(now + LEASE_S * 1000).toTimeString().slice(0, 5);
  out.note(
    `About ${inHandCount} in hand elsewhere until ${until}, or as long as another command works on them: not shown, not touched. Try again then.`,
  );
  process.exitCode = EXIT.unfinished;
}
