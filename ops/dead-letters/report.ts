import type { ActSubject } from '../../shared/acts/operator-act.ts';
import type { DeadLetter } from '../../shared/dead-letters/dead-letter.ts';
import { EXIT } from '../ops-error.ts';
import { counted, type Output } from '../output.ts';
import { noteInHand } from './in-hand.ts';
import type { LeasedQueues } from './leased-messages.ts';
import type { Selection } from './selection.ts';

/** What is recorded of a dead letter. */
export function subjectOf(deadLetter: DeadLetter): ActSubject {
  const { messageId, partner, bucket, key, versionId, code } = deadLetter;
  return {
    kind: 'dead-letter',
    id: messageId,
    code,
    ...(partner !== undefined && { partner }),
    ...(bucket !== undefined && { bucket }),
    ...(key !== undefined && { key }),
    ...(versionId !== undefined && { versionId }),
  };
}

/** The options of a selection that were given. */
export function parametersOf(selection: Selection): Record<string, unknown> {
  return Object.fromEntries(Object.entries(selection).filter(([, value]) => value !== undefined));
}

/** With `--all`, nothing to do is no failure; a choice that fits nothing is most likely a mistake. */
export function nothingSelected(leased: LeasedQueues, selection: Selection, out: Output): void {
  const allCount = leased.messages.length;
  out.show([], () =>
    allCount === 0
      ? 'There are no dead letters to do this with.'
      : `No dead letter matches; there ${allCount === 1 ? 'is' : 'are'} ${counted(allCount, 'dead letter')} in all.`,
  );
  if (!selection.all) process.exitCode = EXIT.no;
  noteInHand(leased.inHandCount, out);
}
