import { type Command, Option } from 'commander';
import * as v from 'valibot';
import { KNOWN_CODES } from '../../shared/dead-letters/causes.ts';
import type { DeadLetter } from '../../shared/dead-letters/dead-letter.ts';
import { matchesWildcard } from '../../shared/identity/session/wildcard.ts';
import { parseDuration, parsePositive } from '../duration.ts';
import { EXIT, OpsError } from '../ops-error.ts';
import { findById } from '../short-ids.ts';

export const DEAD_LETTER_QUEUES = ['ingest', 'undelivered', 'subscription', 'invocation'] as const;

/** Which dead letters a command is about; they meet all that is given. */
export const SelectionOptions = v.object({
  id: v.optional(v.array(v.string())),
  queue: v.optional(v.picklist(DEAD_LETTER_QUEUES)),
  partner: v.optional(v.string()),
  key: v.optional(v.string()),
  code: v.optional(v.string()),
  olderThan: v.optional(v.number()),
  newerThan: v.optional(v.number()),
  limit: v.optional(v.number()),
  all: v.optional(v.literal(true)),
});
export type Selection = v.InferOutput<typeof SelectionOptions>;

/** The same options for every command that selects. */
export function withSelection(command: Command): Command {
  return command
    .option('--id <id...>', 'these, by their ids or the beginnings of them')
    .addOption(new Option('--queue <queue>', 'only those of one queue').choices(DEAD_LETTER_QUEUES))
    .option('--partner <name>', 'only uploads of this partner')
    .option(
      '--key <glob>',
      'only these keys; * stands for any characters, / included, and ? for one',
    )
    .option('--code <code>', 'only those with this cause')
    .option('--older-than <age>', 'only older ones, as 90s, 30m, 12h or 3d', parseDuration)
    .option('--newer-than <age>', 'only newer ones', parseDuration)
    .option('--limit <count>', 'at most so many, the oldest first', parsePositive);
}

/** @throws OpsError unless it says which are meant: a command that changes something takes no default */
export function requireSelection(selection: Selection): void {
  const { all, limit: _limit, queue: _queue, ...filters } = selection;
  const isFiltered = Object.values(filters).some((given) => given !== undefined);
  if (isFiltered !== (all === true)) return;
  throw new OpsError(
    isFiltered
      ? '--all was given together with a choice'
      : 'it is not clear which dead letters are meant',
    {
      how: 'give --id, --partner, --key, --code, --older-than or --newer-than, or --all; `dead-letters list` shows what there is',
      exitCode: EXIT.usage,
    },
  );
}

/**
 * The dead letters that meet a selection, in their order. Pure.
 *
 * @param now epoch milliseconds
 * @throws OpsError for an id that is not there, and for a code that neither exists nor is among them
 */
export function select<T extends { readonly deadLetter: DeadLetter }>(
  all: readonly T[],
  selection: Selection,
  now: number,
): readonly T[] {
  const { queue, partner, key, olderThan = 0, newerThan = Number.POSITIVE_INFINITY } = selection;
  const code = selection.code?.toUpperCase();
  if (code !== undefined) requireCode(code, all);
  const wanted = selection.id === undefined ? all : selection.id.map((id) => selectOne(all, id));
  return [...new Set(wanted)]
    .filter(({ deadLetter }) => {
      const ageMs = now - deadLetter.sentAt;
      return (
        (queue === undefined || deadLetter.queue === queue) &&
        (partner === undefined || deadLetter.partner === partner) &&
        (code === undefined || deadLetter.code.toUpperCase() === code) &&
        (key === undefined ||
          (deadLetter.key !== undefined && matchesWildcard(key, deadLetter.key))) &&
        ageMs >= olderThan &&
        ageMs <= newerThan
      );
    })
    .slice(0, selection.limit);
}

/** @throws OpsError when there is none whose id is this or begins so, or several */
export function selectOne<T extends { readonly deadLetter: DeadLetter }>(
  all: readonly T[],
  id: string,
): T {
  const found = findById(all, ({ deadLetter }) => deadLetter.messageId, id, 'dead letters');
  if (found !== undefined) return found;
  throw new OpsError(`there is no dead letter ${id}`, {
    why: 'it was redriven or removed, SQS deleted it at its age limit, or another command has it in hand',
    how: '`dead-letters list` shows what there is',
  });
}

/** EventBridge has codes that are not listed anywhere, so what is in the queue counts, too. */
function requireCode(
  code: string,
  all: readonly { readonly deadLetter: Pick<DeadLetter, 'code'> }[],
): void {
  const present = new Set(all.map(({ deadLetter }) => deadLetter.code));
  if ([...present, ...KNOWN_CODES].some((known) => known.toUpperCase() === code)) return;
  throw new OpsError(`there is no code ${code}`, {
    ...(present.size > 0 && { why: `the dead letters have ${[...present].toSorted().join(', ')}` }),
    how: `give one of ${KNOWN_CODES.join(', ')}`,
    exitCode: EXIT.usage,
  });
}
