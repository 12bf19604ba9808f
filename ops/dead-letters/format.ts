import type { DeadLetter } from '../../shared/dead-letters/dead-letter.ts';
import { causeOf } from '../../shared/dead-letters/causes.ts';
import { groupDeadLetters } from '../../shared/dead-letters/group-dead-letters.ts';
import { escapeControlCharacters } from '../../shared/platform/control-characters.ts';
import { table } from '../output.ts';

/** Uploaded names and foreign messages must not control the terminal. */
export const safe = escapeControlCharacters;

/** The output of `dead-letters list`: a table per cause, the largest first. */
export function formatList(deadLetters: readonly DeadLetter[]): string {
  if (deadLetters.length === 0) return 'There are no dead letters.';
  return groupDeadLetters(deadLetters)
    .map(({ queue, code, deadLetters: members, partners }) => {
      const { means, advice } = causeOf(code);
      return [
        `${members.length} x ${code} (${queue}): ${means}`,
        `What to do: ${advice}`,
        safe(`Partners: ${partners.map(([name, count]) => `${name} (${count})`).join(', ')}`),
        table(['ID', 'SINCE', 'PARTNER', 'TRIES', 'BYTES', 'KEY', 'REASON'], members.map(row)),
      ].join('\n');
    })
    .join('\n\n');
}

function row(deadLetter: DeadLetter): readonly string[] {
  const { messageId, sentAt, partner, tryCount, sizeBytes, key, reason } = deadLetter;
  return [
    messageId,
    new Date(sentAt).toISOString(),
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
    ([name, value]) => (value === undefined ? [] : [[name, String(value)]]),
  );
  return [
    table(['FIELD', 'VALUE'], rows),
    '',
    `Meaning: ${means}.`,
    `What to do: ${advice}`,
    '',
    'Body:',
    ...body.split('\n').map(safe),
  ].join('\n');
}
