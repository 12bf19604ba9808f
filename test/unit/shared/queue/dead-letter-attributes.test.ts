import { expect, test } from 'vitest';
import { IngestError } from '../../../../shared/model/ingest-error.ts';
import { deadLetterAttributes } from '../../../../shared/queue/dead-letter-attributes.ts';
import type { FailedMessage } from '../../../../shared/queue/work-queue.ts';
import { aMessage, anArrival } from '../../../support/builders.ts';

const attributes = (over: Pick<FailedMessage, 'error'> & Partial<FailedMessage>) =>
  deadLetterAttributes({
    message: aMessage(),
    arrival: anArrival(),
    partner: 'acme',
    requestId: 'q-1',
    ...over,
  });

test('a dead letter has the error, the object and the number of attempts', () => {
  const error = new IngestError('LANDING_FULL', 'landing a: ENOSPC');
  expect(attributes({ message: aMessage({ receiveCount: 6 }), error })).toEqual({
    ErrorCode: 'LANDING_FULL',
    ErrorMessage: 'landing a: ENOSPC',
    RequestId: 'q-1',
    Partner: 'acme',
    ReceiveCount: '6',
    FirstReceivedAt: '2026-11-21T09:00:00.000Z',
    Bucket: 'inbox',
    Key: 'reports/a.csv',
    SizeBytes: '3',
    VersionId: 'v1',
  });
});

test('there are never more than the ten attributes SQS allows, nor empty ones or control characters', () => {
  const error = new IngestError('KEY_UNSAFE', '');
  const found = attributes({ arrival: anArrival({ key: 'a\nb\u0000\ud800' }), error });
  expect(Object.keys(found).length).toBeLessThanOrEqual(10);
  expect(found).toMatchObject({ ErrorMessage: '(empty)', Key: 'a\\u000ab\\u0000\ufffd' });
});
