import type { Command } from 'commander';
import * as v from 'valibot';
import { openContext } from '../context.ts';
import { interruption } from '../interruption.ts';
import { formatDeadLetter, formatList } from './format.ts';
import { noteInHand } from './in-hand.ts';
import { leaseQueues } from './leased-messages.ts';
import { DEAD_LETTER_QUEUES, select, selectOne, SelectionOptions } from './selection.ts';

export async function list(options: unknown, command: Command): Promise<void> {
  const selection = v.parse(SelectionOptions, options);
  const { queue } = selection;
  const { target, out } = await openContext(command);
  const queues = queue === undefined ? DEAD_LETTER_QUEUES : [queue];
  await using leased = await leaseQueues(target, queues, interruption());
  const selected = select(leased.messages, selection, Date.now());
  const deadLetters = selected.map(({ deadLetter }) => deadLetter);
  const allCount = leased.messages.length;
  out.show(deadLetters, () =>
    formatList(deadLetters, { allCount, inHandCount: leased.inHandCount }),
  );
  noteInHand(leased.inHandCount, out);
}

export async function show(id: string, command: Command): Promise<void> {
  const { target, out } = await openContext(command);
  await using leased = await leaseQueues(target, DEAD_LETTER_QUEUES, interruption());
  const { deadLetter } = selectOne(leased.messages, id);
  out.show(deadLetter, () => formatDeadLetter(deadLetter));
}
