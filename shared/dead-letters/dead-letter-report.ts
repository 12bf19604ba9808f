import type { DeadLetter, DeadLetterQueue } from './dead-letter.ts';
import { showInvisible } from '../platform/control-characters.ts';
import { causeOf } from './causes.ts';
import { type DeadLetterGroup, groupDeadLetters } from './group-dead-letters.ts';
import type { Mail } from '../platform/mail.ts';

/** The content of one queue. */
export type QueueInspection =
  | {
      readonly kind: 'read';
      readonly queue: DeadLetterQueue;
      /** In the queue; more than `deadLetters` if not all could be leased. */
      readonly totalCount: number;
      readonly deadLetters: readonly DeadLetter[];
      /** Milliseconds after its `sentAt` at which SQS deletes a message. */
      readonly retentionMs: number;
    }
  | { readonly kind: 'unreadable'; readonly queue: DeadLetterQueue; readonly reason: string };

const TITLES: Readonly<Record<DeadLetterQueue, string>> = {
  ingest: 'Refused by the ingest',
  undelivered: 'Not delivered to the ingest by EventBridge',
  subscription: 'Notices that SNS could not deliver to a subscriber',
  invocation: 'Runs of scheduled functions that failed',
};

/** Per cause; `dead-letters list` has all of them. */
const EXAMPLES = 3;

/**
 * Reports the content of the dead-letter queues. Pure.
 *
 * @param stack goes into the commands
 * @returns `undefined` when all are empty
 */
export function reportDeadLetters(
  inspections: readonly QueueInspection[],
  stack: string,
): Mail | undefined {
  const reported = inspections.filter((it) => it.kind === 'unreadable' || it.totalCount > 0);
  if (reported.length === 0) return undefined;
  const readable = reported.filter((it) => it.kind === 'read');
  const totalCount = readable.reduce((sum, it) => sum + it.totalCount, 0);
  const groups = groupDeadLetters(readable.flatMap(({ deadLetters }) => deadLetters));
  const codes = groups.map(({ code, deadLetters }) => `${deadLetters.length} ${code}`).join(', ');
  const ops = `npm run ops -- --stack ${stack} dead-letters`;
  return {
    subject:
      totalCount > 0
        ? `Airlock: ${messages(totalCount)} in dead-letter queues${codes && `: ${codes}`}`
        : 'Airlock: a dead-letter queue could not be read',
    body: [
      `${messages(totalCount)} ${totalCount === 1 ? 'is' : 'are'} in the dead-letter queues of ${stack}.`,
      'They stay until an operator acts, or until SQS deletes them at the time below.',
      '',
      ...reported.flatMap((inspection) => section(inspection, groups)),
      'To see all:',
      `  ${ops} list`,
      `  ${ops} show ID`,
      'To retry, once the cause is fixed (--dry-run shows what would happen):',
      `  ${ops} redrive --code CODE --dry-run`,
      `  ${ops} redrive --id ID`,
      'To delete one:',
      `  ${ops} remove --id ID`,
      '',
      'More: docs/runbook.md#ingest-dead-letter-queue-not-empty',
      '',
    ].join('\n'),
  };
}

function section(
  inspection: QueueInspection,
  groups: readonly DeadLetterGroup[],
): readonly string[] {
  const title = TITLES[inspection.queue];
  if (inspection.kind === 'unreadable') {
    return [`${title}: the queue could not be read: ${inspection.reason}`, ''];
  }
  const { totalCount, deadLetters, retentionMs } = inspection;
  return [
    `${title}: ${totalCount}`,
    ...(deadLetters.length < totalCount
      ? [
          `  (read ${deadLetters.length}; the others are leased by another reader, or exceed a report's limit)`,
        ]
      : []),
    ...groups
      .filter(({ queue }) => queue === inspection.queue)
      .flatMap((group) => paragraph(group, retentionMs)),
    '',
  ];
}

function paragraph(group: DeadLetterGroup, retentionMs: number): readonly string[] {
  const { code, deadLetters, partners } = group;
  const { means, advice } = causeOf(code);
  const oldestAt = deadLetters[0]?.sentAt ?? 0;
  return [
    '',
    `  ${deadLetters.length} x ${code}: ${means}.`,
    `    What to do: ${advice}`,
    `    Partners: ${partners.map(([name, count]) => `${line(name)} (${count})`).join(', ')}`,
    `    Oldest: ${instant(oldestAt)}; SQS deletes it at ${instant(oldestAt + retentionMs)}`,
    ...deadLetters.slice(0, EXAMPLES).flatMap(example),
    ...(deadLetters.length > EXAMPLES ? [`    ... and ${deadLetters.length - EXAMPLES} more`] : []),
  ];
}

function example(deadLetter: DeadLetter): readonly string[] {
  const { messageId, bucket, key, versionId, sizeBytes, tryCount, reason, requestId } = deadLetter;
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

/** A key must not be able to forge a line of the mail. */
function line(text: string): string {
  return showInvisible(text);
}

function instant(at: number): string {
  return new Date(at).toISOString();
}

function messages(count: number): string {
  return `${count} ${count === 1 ? 'message' : 'messages'}`;
}
