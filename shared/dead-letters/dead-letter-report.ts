import type { FoundLetter, LetterQueue } from './dead-letter.ts';
import { escapeControlCharacters } from '../platform/control-characters.ts';
import { causeOf } from './causes.ts';
import { groupLetters, type LetterGroup } from './group-dead-letters.ts';
import type { Mail } from '../platform/mail.ts';

/** What a look into one queue found. */
export type QueueLook =
  | {
      readonly queue: LetterQueue;
      readonly looked: true;
      /** In the queue; more than `letters` when not all could be taken in hand. */
      readonly totalCount: number;
      readonly letters: readonly FoundLetter[];
      /** Milliseconds after its `sentAt` at which SQS deletes a letter. */
      readonly retentionMs: number;
    }
  | { readonly queue: LetterQueue; readonly looked: false; readonly reason: string };

const TITLES: Readonly<Record<LetterQueue, string>> = {
  ingest: 'Refused by the ingest',
  undelivered: 'Not delivered to the ingest by EventBridge',
  subscription: 'Notices that SNS could not deliver to a subscriber',
  invocation: 'Runs of scheduled functions that failed',
};

/** A mail is for a glance; `dead-letters list` has all of them. */
const EXAMPLES = 3;

/**
 * Tells in words what lies in the dead-letter queues. Pure.
 *
 * @param stack goes into the commands
 * @returns `undefined` when all are empty: then there is nothing to tell
 */
export function reportDeadLetters(looks: readonly QueueLook[], stack: string): Mail | undefined {
  const told = looks.filter((look) => !look.looked || look.totalCount > 0);
  if (told.length === 0) return undefined;
  const totalCount = told.reduce((sum, look) => sum + (look.looked ? look.totalCount : 0), 0);
  const groups = groupLetters(told.flatMap((look) => (look.looked ? look.letters : [])));
  const codes = groups.map(({ code, letters }) => `${letters.length} ${code}`).join(', ');
  const ops = `npm run ops -- --stack ${stack} dead-letters`;
  return {
    subject:
      totalCount > 0
        ? `Airlock: ${messages(totalCount)} in dead-letter queues${codes && `: ${codes}`}`
        : 'Airlock: a dead-letter queue could not be read',
    body: [
      `${messages(totalCount)} ${totalCount === 1 ? 'waits' : 'wait'} for a person in the dead-letter queues of ${stack},`,
      'until somebody acts, or until SQS deletes them at the time below.',
      '',
      ...told.flatMap((look) => section(look, groups)),
      'To see all of them:',
      `  ${ops} list`,
      `  ${ops} show ID`,
      'To try again, when the cause is mended (--dry-run first says what would happen):',
      `  ${ops} redrive --code CODE --dry-run`,
      `  ${ops} redrive --id ID`,
      'To give one up:',
      `  ${ops} remove --id ID`,
      '',
      'What to do in which case: docs/runbook.md#ingest-dead-letter-queue-not-empty',
      '',
    ].join('\n'),
  };
}

function section(look: QueueLook, groups: readonly LetterGroup[]): readonly string[] {
  const title = TITLES[look.queue];
  if (!look.looked) return [`${title}: the queue could not be read: ${look.reason}`, ''];
  const { totalCount, letters, retentionMs } = look;
  return [
    `${title}: ${totalCount}`,
    ...(letters.length < totalCount
      ? [
          `  (looked at ${letters.length}; the others are in somebody's hands, or beyond what a report takes)`,
        ]
      : []),
    ...groups
      .filter(({ queue }) => queue === look.queue)
      .flatMap((group) => paragraph(group, retentionMs)),
    '',
  ];
}

function paragraph(group: LetterGroup, retentionMs: number): readonly string[] {
  const { code, letters, partners } = group;
  const { means, advice } = causeOf(code);
  const oldestAt = letters[0]?.sentAt ?? 0;
  return [
    '',
    `  ${letters.length} x ${code}: ${means}.`,
    `    What to do: ${advice}`,
    `    Partners: ${partners.map(([name, count]) => `${line(name)} (${count})`).join(', ')}`,
    `    Oldest: ${instant(oldestAt)}; SQS deletes it at ${instant(oldestAt + retentionMs)}`,
    ...letters.slice(0, EXAMPLES).flatMap(example),
    ...(letters.length > EXAMPLES ? [`    ... and ${letters.length - EXAMPLES} more`] : []),
  ];
}

function example(letter: FoundLetter): readonly string[] {
  const { messageId, bucket, key, versionId, sizeBytes, tryCount, reason, requestId } = letter;
  const facts = [
    sizeBytes !== undefined && `${sizeBytes} bytes`,
    versionId !== undefined && `version ${versionId}`,
    tryCount !== undefined && `${tryCount} ${tryCount === 1 ? 'try' : 'tries'}`,
    requestId !== undefined && `request ${requestId}`,
  ].filter((fact) => fact !== false);
  return [
    `    - ${key === undefined ? 'names no object' : line(`s3://${bucket}/${key}`)}${facts.length > 0 ? ` (${facts.join(', ')})` : ''}`,
    ...(reason === undefined ? [] : [`      ${line(reason)}`]),
    `      id ${messageId}`,
  ];
}

/** A key may hold what would forge a line of the mail. */
function line(text: string): string {
  return escapeControlCharacters(text);
}

function instant(at: number): string {
  return new Date(at).toISOString();
}

function messages(count: number): string {
  return `${count} ${count === 1 ? 'message' : 'messages'}`;
}
