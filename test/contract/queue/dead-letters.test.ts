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

const hold = (queueUrl: string, maxCount = 500) =>
  sqsDeadLetters(messaging.sqs).hold({ queueUrl, maxCount, holdS: 60 }, signal);

/** Messages that others can receive now. */
async function takeable(queueUrl: string): Promise<number> {
  const command = new GetQueueAttributesCommand({
    QueueUrl: queueUrl,
    AttributeNames: ['ApproximateNumberOfMessages'],
  });
  const { Attributes } = await messaging.sqs.send(command);
  return Number(Attributes?.['ApproximateNumberOfMessages']);
}

test('more dead letters than one receive returns are all leased, each once, and all released', async () => {
  const bodies = Array.from({ length: 37 }, (_, n) => `letter ${n}`);
  const url = await aQueue(...bodies);
  {
    await using held = await hold(url);
    expect(held.letters.map(({ body }) => body).toSorted()).toEqual(bodies.toSorted());
    expect(held).toMatchObject({ totalCount: 37, retentionMs: 1_209_600_000 });
    expect(await takeable(url)).toBe(0);
  }
  expect(await takeable(url)).toBe(37);
});

test('dead letters beyond the limit are counted, but not leased', async () => {
  const url = await aQueue(...Array.from({ length: 15 }, (_, n) => String(n)));
  await using held = await hold(url, 12);
  expect(held.letters).toHaveLength(12);
  expect(held).toMatchObject({ totalCount: 15 });
  expect(await takeable(url)).toBe(3);
});

test('a removed dead letter is gone, the others are released', async () => {
  const url = await aQueue('one', 'two', 'three');
  {
    await using held = await hold(url);
    for (const letter of held.letters) if (letter.body === 'two') await held.remove(letter);
  }
  await using again = await hold(url);
  expect(again.letters.map(({ body }) => body).toSorted()).toEqual(['one', 'three']);
});

test('dead letters leased by others are counted, but cannot be read', async () => {
  const url = await aQueue('one');
  await using _theirs = await hold(url);
  await using ours = await hold(url);
  expect(ours).toMatchObject({ letters: [], totalCount: 1 });
});

test('an empty queue has no dead letters', async () => {
  await using held = await hold(await aQueue());
  expect(held).toMatchObject({ letters: [], totalCount: 0 });
});

test('when receiving fails, the messages already leased are released', async () => {
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
  const options = { queueUrl: url, maxCount: 500, holdS: 60 };
  await expect(sqsDeadLetters(sqs).hold(options, controller.signal)).rejects.toThrow(/abort/i);
  expect(await takeable(url)).toBe(11);
});
