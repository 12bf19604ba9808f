import type { Command } from 'commander';
import * as v from 'valibot';
import { act } from '../act.ts';
import { openContext } from '../context.ts';
import { interruption } from '../interruption.ts';
import { counted } from '../output.ts';
import { requireReason } from '../reason.ts';
import { formatSelected } from './format.ts';
import { noteInHand } from './in-hand.ts';
import { leaseQueues } from './leased-messages.ts';
import { nothingSelected, parametersOf, subjectOf } from './report.ts';
import { DEAD_LETTER_QUEUES, requireSelection, select, SelectionOptions } from './selection.ts';

const Options = v.object({
  ...SelectionOptions.entries,
  reason: v.optional(v.string()),
  dryRun: v.optional(v.boolean(), false),
});

/** The JSON includes the bodies, so that a dead letter removed by mistake can be sent again. */
export async function remove(raw: unknown, command: Command): Promise<void> {
  const { reason: given, dryRun, ...selection } = v.parse(Options, raw);
  requireSelection(selection);
  // Before anything is in hand: a person may take long to answer.
  const reason = dryRun ? given : await requireReason(given, 'removing dead letters');
  const { target, out } = await openContext(command);
  const signal = interruption();
  await using leased = await leaseQueues(target, DEAD_LETTER_QUEUES, signal);
  const selected = select(leased.messages, selection, Date.now());
  if (selected.length === 0) {
    nothingSelected(leased, selection, out);
    return;
  }
  await leased.keepOnly(selected);
  if (!dryRun) {
    const parameters = parametersOf(selection);
    await act(
      { target, out },
      { command: 'dead-letters remove', reason, parameters },
      async (note) => {
        for (const [doneCount, message] of selected.entries()) {
          signal.throwIfAborted();
          await message.remove();
          note(subjectOf(message.deadLetter));
          out.progress(`${doneCount + 1} of ${selected.length} removed`);
        }
      },
    );
  }
  const deadLetters = selected.map(({ deadLetter }) => deadLetter);
  out.show(deadLetters, () =>
    [
      ...formatSelected(deadLetters),
      dryRun
        ? `${counted(deadLetters.length, 'dead letter')} would be removed for good; nothing was changed.`
        : `${counted(deadLetters.length, 'dead letter')} removed for good. The files stay in the inbox, marked as refused.`,
    ].join('\n'),
  );
  noteInHand(leased.inHandCount, out);
}
