import { GetQueueAttributesCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { encodeArrival } from '../../../shared/parse/arrival.ts';
import { IngestError } from '../../../shared/model/ingest-error.ts';
import { sqsWorkQueue } from '../../../shared/queue/sqs-work-queue.ts';
import { aMessage, anArrival } from '../../support/builders.ts';
import { type Operations, openOperations } from '../../support/operations.ts';

let operations: Operations;
let queues: { ingest: string; undelivered: string; subscription: string; invocation: string };
let round = 0;
beforeAll(async () => {
  operations = await openOperations();
});
beforeEach(async () => {
  round += 1;
  queues = {
    ingest: await operations.newQueue(`ingest-dead-${round}`),
    undelivered: await operations.newQueue(`undelivered-${round}`),
    subscription: await operations.newQueue(`subscription-${round}`),
    invocation: await operations.newQueue(`invocation-${round}`),
  };
});
afterAll(async () => operations[Symbol.asyncDispose]());

const report = (environment: Readonly<Record<string, string>> = {}) =>
  operations.invoke(
    'functions/report-dead-letters/handler.ts',
    {
      INGEST_DEAD_LETTER_QUEUE_URL: queues.ingest,
      UNDELIVERED_EVENT_QUEUE_URL: queues.undelivered,
      SUBSCRIPTION_DEAD_LETTER_QUEUE_URL: queues.subscription,
      FAILED_INVOCATION_QUEUE_URL: queues.invocation,
      OPERATIONS_TOPIC_ARN: operations.topicArn,
      STACK_NAME: 'prod',
      ...environment,
    },
    { 'detail-type': 'CloudWatch Alarm State Change', detail: { state: { value: 'ALARM' } } },
  );

async function refuse(key: string): Promise<void> {
  const arrival = anArrival({ key });
  await sqsWorkQueue(operations.sqs, { queue: '', deadLetter: queues.ingest }).deadLetter({
    message: aMessage({ body: encodeArrival(arrival) }),
    arrival,
    partner: 'acme',
    error: new IngestError('KEY_UNSAFE', `about ${key}`),
    requestId: 'q-1',
  });
}

async function visibleCount(QueueUrl: string): Promise<string | undefined> {
  const AttributeNames = ['ApproximateNumberOfMessages' as const];
  const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames });
  return (await operations.sqs.send(command)).Attributes?.['ApproximateNumberOfMessages'];
}

test('one mail covers all queues, and every message is still there', async () => {
  for (let n = 1; n <= 25; n += 1) await refuse(`a/../${n}`);
  const MessageBody = encodeArrival(anArrival({ key: 'late.csv' }));
  const undelivered = new SendMessageCommand({ QueueUrl: queues.undelivered, MessageBody });
  await operations.sqs.send(undelivered);

  expect(await report()).toEqual({ messageCount: 26, mailed: true });

  const mails = await operations.mails();
  expect(mails).toMatchObject([
    { Subject: 'Airlock: 26 messages in dead-letter queues: 25 KEY_UNSAFE, 1 NOT_DELIVERED' },
  ]);
  expect(mails[0]?.Message).toContain('--stack prod dead-letters redrive');
  expect(mails[0]?.Message).toContain('late.csv');
  expect(await visibleCount(queues.ingest)).toBe('25');
  expect(await visibleCount(queues.undelivered)).toBe('1');
});

test('empty queues are not reported', async () => {
  expect(await report()).toEqual({ messageCount: 0, mailed: false });
  expect(await operations.mails()).toEqual([]);
});

test('a queue that cannot be read does not keep the others from being reported', async () => {
  await refuse('a/../b');
  const missing = queues.subscription.replace('subscription-', 'no-such-');
  expect(await report({ SUBSCRIPTION_DEAD_LETTER_QUEUE_URL: missing })).toMatchObject({
    mailed: true,
  });
  const [mail] = await operations.mails();
  expect(mail?.Message).toContain('1 x KEY_UNSAFE');
  expect(mail?.Message).toContain('the queue could not be read');
});
