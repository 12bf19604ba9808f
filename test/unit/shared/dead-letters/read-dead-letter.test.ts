import { expect, test } from 'vitest';
import { encodeArrival } from '../../../../shared/parse/arrival.ts';
import { IngestError } from '../../../../shared/model/ingest-error.ts';
import { deadLetterAttributes } from '../../../../shared/queue/dead-letter-attributes.ts';
import type { RawMessage } from '../../../../shared/dead-letters/dead-letters.ts';
import { readDeadLetter } from '../../../../shared/dead-letters/read-dead-letter.ts';
import { aMessage, anArrival } from '../../../support/builders.ts';

const raw = (over: Partial<RawMessage> = {}): RawMessage => ({
  messageId: 'm-1',
  body: encodeArrival(anArrival()),
  attributes: {},
  sentAt: 1,
  ...over,
});

test('the attributes that the ingest sets on a dead letter are read back', () => {
  const attributes = deadLetterAttributes({
    message: aMessage({ receiveCount: 6 }),
    arrival: anArrival({ key: 'in/ü b.csv' }),
    partner: 'acme',
    error: new IngestError('LANDING_FULL', 'landing: ENOSPC'),
    requestId: 'q-1',
  });
  // Its body was too large, and was cut.
  expect(readDeadLetter('ingest', raw({ attributes, body: '{"cut' }))).toMatchObject({
    code: 'LANDING_FULL',
    reason: 'landing: ENOSPC',
    bucket: 'inbox',
    key: 'in/ü b.csv',
    versionId: 'v1',
    sizeBytes: 3,
    partner: 'acme',
    tryCount: 6,
    firstReceivedAt: '2026-11-21T09:00:00.000Z',
    requestId: 'q-1',
  });
});

test('the key is read from the body, where nothing in it had to be escaped or cut', () => {
  const arrival = anArrival({ key: `in/\u202e${'x'.repeat(1020)}` });
  const attributes = deadLetterAttributes({
    message: aMessage(),
    arrival,
    partner: 'acme',
    error: new IngestError('LANDING_FULL', 'landing: ENOSPC'),
    requestId: 'q-1',
  });
  const body = encodeArrival(arrival);
  expect(readDeadLetter('ingest', raw({ attributes, body })).key).toBe(arrival.key);
});

test('a message that SQS moved has no reason, but its body names the object', () => {
  expect(readDeadLetter('ingest', raw())).toMatchObject({
    code: 'MOVED_BY_SQS',
    reason: undefined,
    bucket: 'inbox',
    key: 'reports/a.csv',
    versionId: 'v1',
    sizeBytes: 3,
    partner: undefined,
  });
});

test("EventBridge's own attributes are read from an event that it could not deliver", () => {
  const attributes = {
    ERROR_CODE: 'NO_PERMISSIONS',
    ERROR_MESSAGE: 'not authorized',
    RETRY_ATTEMPTS: '0',
  };
  expect(readDeadLetter('undelivered', raw({ attributes }))).toMatchObject({
    code: 'NO_PERMISSIONS',
    reason: 'not authorized',
    key: 'reports/a.csv',
    tryCount: 0,
  });
});

test("an undelivered notice is read, in SNS's envelope and without", () => {
  const notice = JSON.stringify({ partner: 'acme', object: { bucket: 'inbox', key: 'a.csv' } });
  const envelope = JSON.stringify({ Type: 'Notification', Message: notice });
  for (const body of [notice, envelope]) {
    expect(readDeadLetter('subscription', raw({ body }))).toMatchObject({
      code: 'NOT_DELIVERED',
      key: 'a.csv',
      partner: 'acme',
    });
  }
});

test("a failed run is read from Lambda's record of it", () => {
  const body = JSON.stringify({
    version: '1.0',
    requestContext: {
      requestId: 'q-1',
      functionArn: 'arn:aws:lambda:eu-central-1:111122223333:function:prod-Reconcile:$LATEST',
      condition: 'RetriesExhausted',
      approximateInvokeCount: 3,
    },
    requestPayload: {},
    responsePayload: { errorType: 'TimeoutError', errorMessage: 'no answer' },
  });
  expect(readDeadLetter('invocation', raw({ body }))).toMatchObject({
    code: 'RUN_FAILED',
    reason: 'prod-Reconcile: TimeoutError: no answer',
    requestId: 'q-1',
    tryCount: 3,
  });
});

test('reading never fails, whatever the message holds', () => {
  for (const body of ['', '{', 'null', '[]', '{"detail":{"object":7}}', '\u0000']) {
    for (const queue of ['ingest', 'undelivered', 'subscription', 'invocation'] as const) {
      expect(readDeadLetter(queue, raw({ body }))).toMatchObject({ key: undefined, body });
    }
  }
});
