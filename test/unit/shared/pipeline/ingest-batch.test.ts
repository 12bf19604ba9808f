import type { SQSRecord } from 'aws-lambda';
import { expect, test } from 'vitest';
import { ingestBatch } from '../../../../shared/pipeline/ingest-batch.ts';
import { encodeArrival } from '../../../../shared/parse/arrival.ts';
import { IngestError } from '../../../../shared/model/ingest-error.ts';
import { anArrival } from '../../../support/builders.ts';
import { memoryPorts } from '../../../support/memory-ports.ts';

const options = {
  concurrency: 2,
  maxReceiveCount: 4,
  retryBaseS: 30,
  reserveMs: 1000,
  timeMs: 60_000,
  requestId: 'q-1',
};

function record(messageId: string, body: string, receiveCount = 1): SQSRecord {
  return {
    messageId,
    receiptHandle: `receipt of ${messageId}`,
    body,
    md5OfBody: '',
    attributes: {
      ApproximateReceiveCount: String(receiveCount),
      ApproximateFirstReceiveTimestamp: '0',
      SentTimestamp: '0',
      SenderId: '',
    },
    messageAttributes: {},
    eventSource: 'aws:sqs',
    eventSourceARN: '',
    awsRegion: '',
  };
}

const about = (key: string): string => encodeArrival(anArrival({ key }));

test('a poisoned message is dead-lettered, a flaky one is hidden longer each time, the rest land', async () => {
  const world = memoryPorts({ good: 'good bytes', flaky: 'flaky bytes' });
  world.scanner.failOn('flaky bytes', new IngestError('SCANNER_UNAVAILABLE', 'clamd is down'));

  const response = await ingestBatch(
    [record('1', about('good')), record('2', 'poison'), record('3', about('flaky'), 3)],
    world.ports,
    options,
  );

  expect(response).toEqual({ batchItemFailures: [{ itemIdentifier: '3' }] });
  expect([...world.landed.keys()]).toEqual(['good']);
  expect(world.deadLetters).toEqual([['2', 'EVENT_MALFORMED']]);
  expect(world.hidden).toEqual([['3', 120]]);
});

test('the last receive is dead-lettered by us and announced as refused', async () => {
  const world = memoryPorts({ flaky: 'flaky bytes' });
  world.scanner.failOn('flaky bytes', new IngestError('SCANNER_UNAVAILABLE', 'clamd is down'));

  const response = await ingestBatch([record('1', about('flaky'), 4)], world.ports, options);

  expect(response).toEqual({ batchItemFailures: [] });
  expect(world.deadLetters).toEqual([['1', 'SCANNER_UNAVAILABLE']]);
  expect(world.notices).toMatchObject([
    { outcome: 'refused', code: 'SCANNER_UNAVAILABLE', reason: 'clamd is down' },
  ]);
});

test('an error nobody foresaw is retried', async () => {
  const world = memoryPorts({ odd: 'odd bytes' });
  world.scanner.failOn('odd bytes', new TypeError('undefined is not a function'));
  const response = await ingestBatch([record('1', about('odd'))], world.ports, options);
  expect(response).toEqual({ batchItemFailures: [{ itemIdentifier: '1' }] });
  expect(world.landed.size).toBe(0);
});

test('when dead-lettering fails, that message alone stays with SQS', async () => {
  const world = memoryPorts({ good: 'good bytes' });
  const queue = {
    ...world.ports.queue,
    deadLetter: () => Promise.reject(new Error('throttled')),
  };
  const response = await ingestBatch(
    [record('1', 'poison'), record('2', about('good'))],
    { ...world.ports, queue },
    options,
  );
  expect(response).toEqual({ batchItemFailures: [{ itemIdentifier: '1' }] });
  expect([...world.landed.keys()]).toEqual(['good']);
});

test('never more objects than allowed are in flight at once', async () => {
  const keys = Array.from({ length: 10 }, (_, index) => `k${index}`);
  const world = memoryPorts(Object.fromEntries(keys.map((key) => [key, key])));
  await ingestBatch(
    keys.map((key) => record(key, about(key))),
    world.ports,
    options,
  );
  expect(world.landed.size).toBe(10);
  expect(world.scanner.mostAtOnce).toBe(2);
});

test('what cannot finish in time is handed back at once, without a try lost to waiting', async () => {
  const world = memoryPorts({ small: 'small', large: 'large' });
  const large = encodeArrival(anArrival({ key: 'large', sizeBytes: 1_500_000_000 }));
  let now = 0;
  const ports = {
    ...world.ports,
    // The first object takes most of the batch's time.
    now: () => (now += 15_000),
  };
  const response = await ingestBatch([record('1', about('small')), record('2', large)], ports, {
    ...options,
    concurrency: 1,
  });
  expect([...world.landed.keys()]).toEqual(['small']);
  expect(response).toEqual({ batchItemFailures: [{ itemIdentifier: '2' }] });
  expect(world.hidden).toEqual([['2', 0]]);
  expect(world.deadLetters).toEqual([]);
});
