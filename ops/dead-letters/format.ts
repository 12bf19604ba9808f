import type { FoundLetter } from '../../shared/dead-letters/dead-letter.ts';
import { causeOf } from '../../shared/dead-letters/causes.ts';
import { groupLetters } from '../../shared/dead-letters/group-dead-letters.ts';
import { escapeControlCharacters } from '../../shared/platform/control-characters.ts';
import { table } from '../output.ts';

/** What a stranger sent must not steer a terminal. */
export const safe = escapeControlCharacters;

/** The list that `dead-letters list` prints: a table per cause, the largest first. */
export function listWords(letters: readonly FoundLetter[]): string {
  if (letters.length === 0) return 'There is no dead letter.';
  return groupLetters(letters)
    .map(({ queue, code, letters: members, partners }) => {
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

function row(letter: FoundLetter): readonly string[] {
  const { messageId, sentAt, partner, tryCount, sizeBytes, key, reason } = letter;
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

/** All that one letter says. */
export function letterWords(letter: FoundLetter): string {
  const { body, sentAt, ...facts } = letter;
  const { means, advice } = causeOf(letter.code);
  const rows = Object.entries({ ...facts, since: new Date(sentAt).toISOString() }).flatMap(
    ([name, value]) => (value === undefined ? [] : [[name, String(value)]]),
  );
  return [
    table(['FACT', ''], rows),
    '',
    `It says: ${means}.`,
    `What to do: ${advice}`,
    '',
    'Body:',
    ...body.split('\n').map(safe),
  ].join('\n');
}
