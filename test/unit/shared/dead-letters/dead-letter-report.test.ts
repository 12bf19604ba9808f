import { expect, test } from 'vitest';
import type { DeadLetter } from '../../../../shared/dead-letters/dead-letter.ts';
import { DISPOSITION } from '../../../../shared/model/ingest-error.ts';
import { causeOf } from '../../../../shared/dead-letters/causes.ts';
import {
  type QueueInspection,
  reportDeadLetters,
} from '../../../../shared/dead-letters/dead-letter-report.ts';

const SENT_AT = Date.parse('2026-11-20T08:00:00Z');

const aDeadLetter = (over: Partial<DeadLetter> = {}): DeadLetter => ({
  queue: 'ingest',
  messageId: 'm-1',
  code: 'KEY_UNSAFE',
  reason: 'the key has a ".." segment',
  sentAt: SENT_AT,
  bucket: 'inbox',
  key: 'a/../b',
  versionId: 'v1',
  sizeBytes: 5,
  partner: 'acme',
  tryCount: 1,
  firstReceivedAt: undefined,
  requestId: 'q-1',
  body: '{}',
  ...over,
});

const inspection = (
  deadLetters: readonly DeadLetter[],
  over: Partial<Extract<QueueInspection, { kind: 'read' }>> = {},
): QueueInspection => ({
  kind: 'read',
  queue: 'ingest',
  deadLetters,
  totalCount: deadLetters.length,
  retentionMs: 14 * 86_400_000,
  ...over,
});

test('empty queues are not reported', () => {
  expect(
    reportDeadLetters([inspection([]), inspection([], { queue: 'undelivered' })], 'prod'),
  ).toBeUndefined();
});

test('the mail groups by cause, largest first, and says who, how old, until when, and what to do', () => {
  const deadLetters = [
    aDeadLetter({ code: 'MOVED_BY_SQS', partner: undefined, reason: undefined }),
    aDeadLetter({ messageId: 'm-2' }),
    aDeadLetter({ messageId: 'm-3', partner: 'beta', sentAt: SENT_AT - 3_600_000 }),
  ];
  const mail = reportDeadLetters([inspection(deadLetters)], 'prod');

  expect(mail?.subject).toBe(
    'Airlock: 3 messages in dead-letter queues: 2 KEY_UNSAFE, 1 MOVED_BY_SQS',
  );
  const body = mail?.body ?? '';
  expect(body.indexOf('2 x KEY_UNSAFE')).toBeLessThan(body.indexOf('1 x MOVED_BY_SQS'));
  expect(body).toContain('Partners: acme (1), beta (1)');
  expect(body).toContain('Oldest: 2026-11-20T07:00:00.000Z; SQS deletes it at 2026-12-04T07:00');
  expect(body).toContain('s3://inbox/a/../b (5 bytes, version v1, 1 try, request q-1)');
  expect(body).toContain('SQS moved it without a reason');
  expect(body).toContain('npm run ops -- --stack prod dead-letters redrive --code CODE');
});

test('a mail about a thousand dead letters shows a few of each cause and counts the rest', () => {
  const deadLetters = Array.from({ length: 500 }, (_, n) => aDeadLetter({ messageId: `m-${n}` }));
  const body =
    reportDeadLetters([inspection(deadLetters, { totalCount: 1000 })], 'prod')?.body ?? '';
  expect(body).toContain('1000 messages are in');
  expect(body).toContain('read 500');
  expect(body).toContain('... and 497 more');
  expect(body.split('\n').length).toBeLessThan(50);
});

test('all queues are in one report, one that cannot be read included', () => {
  const body =
    reportDeadLetters(
      [
        inspection([aDeadLetter()]),
        inspection([aDeadLetter({ queue: 'undelivered', code: 'NO_PERMISSIONS' })], {
          queue: 'undelivered',
        }),
        { kind: 'unreadable', queue: 'subscription', reason: 'AccessDenied: no' },
      ],
      'prod',
    )?.body ?? '';
  expect(body).toContain('Refused by the ingest: 1');
  expect(body).toContain('Not delivered to the ingest by EventBridge: 1');
  expect(body).toContain('the queue could not be read: AccessDenied: no');
});

test('a key cannot forge a line of the mail', () => {
  const body =
    reportDeadLetters([inspection([aDeadLetter({ key: 'a\nTo do: nothing' })])], 'p')?.body ?? '';
  expect(body).toContain('s3://inbox/a\\u000aTo do: nothing');
});

test('every code of ours has a meaning of its own', () => {
  const meanings = Object.keys(DISPOSITION).map((code) => causeOf(code).means);
  expect(new Set(meanings).size).toBe(meanings.length);
  expect(meanings).not.toContain(causeOf('SOMETHING_OF_EVENTBRIDGE').means);
});
