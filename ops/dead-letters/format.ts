import type { DeadLetter } from '../../shared/dead-letters/dead-letter.ts';
import { causeOf } from '../../shared/dead-letters/causes.ts';
import { groupDeadLetters } from '../../shared/dead-letters/group-dead-letters.ts';
import { showInvisible } from '../../shared/platform/control-characters.ts';
import { counted, instantCell, table } from '../output.ts';
import { shortIds } from '../short-ids.ts';
import type { Ending } from './endings.ts';

type Counts = {
  /** All that could be read, selected or not. */
  readonly allCount: number;
  readonly inHandCount: number;
};

/** The output of `dead-letters list`: a table per cause, the largest first. */
export function formatList(deadLetters: readonly DeadLetter[], counts: Counts): string {
  const { allCount, inHandCount } = counts;
  if (deadLetters.length === 0) {
    if (allCount > 0) return `No dead letter matches; there are ${allCount} in all.`;
    return inHandCount > 0
      ? 'All dead letters are in hand elsewhere.'
      : 'There are no dead letters.';
  }
  const short = shortIds(deadLetters.map(({ messageId }) => messageId));
  return [
    ...groupDeadLetters(deadLetters).map(({ queue, code, deadLetters: members, partners }) => {
      const { means, advice } = causeOf(code);
      return [
        showInvisible(`${members.length} x ${code} (${queue}): ${means}`),
        `What to do: ${advice}`,
        showInvisible(
          `Partners: ${partners.map(([name, count]) => `${name} (${count})`).join(', ')}`,
        ),
        table(
          ['ID', 'SINCE', 'PARTNER', 'TRIES', 'BYTES', 'KEY', 'REASON'],
          members.map((member) => row(member, short)),
        ),
      ].join('\n');
    }),
    ...(deadLetters.length < allCount ? [`${deadLetters.length} of ${allCount} match.`] : []),
  ].join('\n\n');
}

function row(deadLetter: DeadLetter, short: (id: string) => string): readonly string[] {
  const { messageId, sentAt, partner, tryCount, sizeBytes, key, reason } = deadLetter;
  return [
    short(messageId),
    instantCell(sentAt),
    partner ?? '-',
    String(tryCount ?? '-'),
    String(sizeBytes ?? '-'),
    key ?? '-',
    reason ?? '-',
  ];
}

/** The output of `dead-letters show`. */
export function formatDeadLetter(deadLetter: DeadLetter): string {
  const { body, sentAt, ...facts } = deadLetter;
  const { means, advice } = causeOf(deadLetter.code);
  const rows = Object.entries({ ...facts, since: new Date(sentAt).toISOString() }).flatMap(
    ([name, value]) =>
      value === undefined ? [] : [`${name.padEnd(15)}  ${showInvisible(String(value))}`],
  );
  return [
    ...rows,
    '',
    `Meaning: ${means}.`,
    `What to do: ${advice}`,
    '',
    'Body:',
    ...body.split('\n').map(showInvisible),
  ].join('\n');
}

/** One line for each dead letter that a command is about. */
export function formatSelected(deadLetters: readonly DeadLetter[]): readonly string[] {
  const short = shortIds(deadLetters.map(({ messageId }) => messageId));
  return deadLetters.map((it) => line(it, short));
}

function line({ messageId, code, key }: DeadLetter, short: (id: string) => string): string {
  return showInvisible(`${short(messageId)}  ${code}  ${key ?? '-'}`);
}

/** `3 redriven: 2 delivered, 1 refused again.`, after a line for each that was not simply delivered. */
export function formatEndings(
  deadLetters: readonly DeadLetter[],
  endings: ReadonlyMap<DeadLetter, Ending> | undefined,
): string {
  const total = `${counted(deadLetters.length, 'dead letter')} redriven`;
  if (endings === undefined) {
    return [...formatSelected(deadLetters), `${total} to the ingest queue.`].join('\n');
  }
  const ended = deadLetters.map((it) => endings.get(it) ?? { kind: 'not ended' as const });
  const counts = [...Map.groupBy(ended, nameOf)].map(
    ([name, members]) => `${members.length} ${name}`,
  );
  const details = deadLetters.flatMap(({ key }, at) => {
    const ending = ended[at];
    return ending === undefined || ending.kind === 'delivered'
      ? []
      : [
          showInvisible(
            `${nameOf(ending)}: ${key ?? 'a message that names no object'}${detailOf(ending)}`,
          ),
        ];
  });
  return [...details, `${total}${counts.length > 0 ? `: ${counts.join(', ')}` : ''}.`].join('\n');
}

function nameOf({ kind }: Ending): string {
  if (kind === 'refused') return 'refused again';
  return kind === 'gone' ? 'no longer in the inbox' : kind;
}

function detailOf(ending: Ending): string {
  if (ending.kind === 'refused') {
    return `: ${ending.code}: ${ending.reason ?? 'no reason was given'}`;
  }
  if (ending.kind === 'not ended') {
    return ': it is being tried, or waits for a worker; its notice or `dead-letters list` will tell';
  }
  return 'finding' in ending ? `: ${ending.finding}` : '';
}
