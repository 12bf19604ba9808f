import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startMessaging, type Messaging } from '../../../local/messaging/messaging.ts';
import { sqsDeadLetters } from '../../../shared/dead-letters/sqs-dead-letters.ts';

const signal = AbortSignal.timeout(60_000);
let messaging: Messaging;
let created = 0;

beforeAll(async () => {
  const credentials = { accessKeyId: 'x', secretAccessKey: 'x' };
  messaging = await startMessaging({ region: 'eu-central-1', credentials });
});
afterAll(async () => messaging[Symbol.asyncDispose]());

async function aQueue(...bodies: readonly string[]): Promise<string> {
  created += 1;
  const { QueueUrl = '' } = await messaging.sqs.send(
    new CreateQueueCommand({
      QueueName: `dead-${created}`,
      Attributes: { MessageRetentionPeriod: '1209600' },
    }),
  );
  for (const MessageBody of bodies) {
    await messaging.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
  }
  return QueueUrl;
}

const lease = (queueUrl: string, maxCount = 500) =>
  sqsDeadLetters(messaging.sqs).lease({ queueUrl, maxCount, leaseS: 60 }, signal);

/** Messages that others can receive now. */
async function visibleCount(queueUrl: string): Promise<number> {
  const command = new GetQueueAttributesCommand({
    QueueUrl: queueUrl,
    AttributeNames: ['ApproximateNumberOfMessages'],
  });
  const { Attributes } = await messaging.sqs.send(command);
  return Number(Attributes?.['ApproximateNumberOfMessages']);
}

test('more messages than one receive returns are all leased, each once, and all become visible again', async () => {
  const bodies = Array.from({ length: 37 }, (_, n) => `message ${n}`);
  const url = await aQueue(...bodies);
  {
    await using leased = await lease(url);
    expect(leased.messages.map(({ body }) => body).toSorted()).toEqual(bodies.toSorted());
    expect(leased).toMatchObject({ totalCount: 37, retentionMs: 1_209_600_000 });
    expect(await visibleCount(url)).toBe(0);
  }
  expect(await visibleCount(url)).toBe(37);
});

test('messages beyond the limit are counted, and stay visible', async () => {
  const url = await aQueue(...Array.from({ length: 15 }, (_, n) => String(n)));
  await using leased = await lease(url, 12);
  expect(leased.messages).toHaveLength(12);
  expect(leased).toMatchObject({ totalCount: 15 });
  expect(await visibleCount(url)).toBe(3);
});

test('a removed message is deleted, the others become visible again', async () => {
  const url = await aQueue('one', 'two', 'three');
  {
    await using leased = await lease(url);
    for (const message of leased.messages) if (message.body === 'two') await leased.remove(message);
  }
  await using again = await lease(url);
  expect(again.messages.map(({ body }) => body).toSorted()).toEqual(['one', 'three']);
});

test('messages leased by another reader are counted, though they cannot be read', async () => {
  const url = await aQueue('one');
  await using _theirs = await lease(url);
  await using ours = await lease(url);
  expect(ours).toMatchObject({ messages: [], totalCount: 1 });
});

test('a lease is renewed while it is held, so that nobody else receives its messages', async () => {
  const url = await aQueue('one', 'two');
  const options = { queueUrl: url, maxCount: 10, leaseS: 1 };
  {
    await using _leased = await sqsDeadLetters(messaging.sqs).lease(options, signal);
    // Three leases long.
    const { Messages = [] } = await messaging.sqs.send(
      new ReceiveMessageCommand({ QueueUrl: url, WaitTimeSeconds: 3 }),
    );
    expect(Messages).toEqual([]);
  }
  expect(await visibleCount(url)).toBe(2);
});

test('messages that are given back early are visible at once, the others stay leased', async () => {
  const url = await aQueue('one', 'two', 'three');
  await using leased = await lease(url);
  await leased.release(leased.messages.filter(({ body }) => body !== 'two'));
  expect(await visibleCount(url)).toBe(2);
  expect(await sqsDeadLetters(messaging.sqs).count(url, signal)).toBe(3);
});

test('an empty queue has no messages', async () => {
  await using leased = await lease(await aQueue());
  expect(leased).toMatchObject({ messages: [], totalCount: 0 });
});

test('when a lease fails half-way, its messages become visible again', async () => {
  const url = await aQueue(...Array.from({ length: 11 }, (_, n) => String(n)));
  const controller = new AbortController();
  let receives = 0;
  const sqs = new Proxy(messaging.sqs, {
    get: (target, name) =>
      name === 'send'
        ? (command: unknown, options: object) => {
            if (command instanceof ReceiveMessageCommand && ++receives === 2) controller.abort();
            return target.send(command as ReceiveMessageCommand, options);
          }
        : Reflect.get(target, name),
  });
  const options = { queueUrl: url, maxCount: 500, leaseS: 60 };
  await expect(sqsDeadLetters(sqs).lease(options, controller.signal)).rejects.toThrow(/abort/i);
  expect(await visibleCount(url)).toBe(11);
});
