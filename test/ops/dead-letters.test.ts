import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CreateQueueCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Messaging, startMessaging } from '../../local/messaging/messaging.ts';
import type { DeadLetter } from '../../shared/dead-letters/dead-letter.ts';
import { encodeArrival } from '../../shared/parse/arrival.ts';
import { IngestError, type IngestErrorCode } from '../../shared/model/ingest-error.ts';
import { sqsWorkQueue } from '../../shared/queue/sqs-work-queue.ts';
import { aMessage, anArrival } from '../support/builders.ts';
import { runOps } from '../support/installation.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary-directory.ts';

const SETTINGS = {
  region: 'eu-central-1',
  credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
};
let messaging: Messaging;
let sqs: SQSClient;
let home: TemporaryDirectory;
let resources: Record<string, string>;

beforeAll(async () => {
  messaging = await startMessaging(SETTINGS);
  sqs = messaging.sqs;
});
afterAll(async () => messaging[Symbol.asyncDispose]());

/** New queues for each test, in a runtime.json as `npm start` writes it. */
let round = 0;
beforeEach(async () => {
  round += 1;
  home = await temporaryDirectory();
  resources = {};
  for (const logicalId of [
    'IngestQueue',
    'IngestDeadLetterQueue',
    'UndeliveredEventQueue',
    'SubscriptionDeadLetterQueue',
    'FailedInvocationQueue',
  ]) {
    const command = new CreateQueueCommand({ QueueName: `${logicalId}-${round}` });
    resources[logicalId] = (await sqs.send(command)).QueueUrl ?? '';
  }
  const endpoints = { sqs: messaging.endpoint };
  const info = { ...SETTINGS, pid: process.pid, endpoints, resources, environments: {} };
  await writeFile(join(home.path, 'runtime.json'), JSON.stringify(info));
  return async () => home[Symbol.asyncDispose]();
});

const url = (logicalId: string): string => resources[logicalId] ?? '';
const deadLetters = (...args: readonly string[]) => runOps(home.path, ['dead-letters', ...args]);
const listed = async (): Promise<DeadLetter[]> =>
  JSON.parse((await deadLetters('list', '--json')).stdout) as DeadLetter[];

async function refuse(key: string, code: IngestErrorCode): Promise<void> {
  const arrival = anArrival({ key });
  await sqsWorkQueue(sqs, {
    queue: url('IngestQueue'),
    deadLetter: url('IngestDeadLetterQueue'),
  }).deadLetter({
    message: aMessage({ body: encodeArrival(arrival) }),
    arrival,
    partner: 'acme',
    error: new IngestError(code, `about ${key}`),
    requestId: 'q-1',
  });
}

async function ingestQueueBodies(): Promise<string[]> {
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl: url('IngestQueue'), MaxNumberOfMessages: 10 }),
  );
  return Messages.map(({ Body = '' }) => Body).toSorted();
}

test('list shows every dead letter with its reason, by cause, and leaves all of them there', async () => {
  for (let n = 1; n <= 12; n += 1) await refuse(`a/../${n}`, 'KEY_UNSAFE');
  await sqs.send(
    new SendMessageCommand({
      QueueUrl: url('IngestDeadLetterQueue'),
      MessageBody: encodeArrival(anArrival({ key: 'moved.csv' })),
    }),
  );

  const { code, stdout } = await deadLetters('list');

  expect(code).toBe(0);
  expect(stdout).toContain('12 x KEY_UNSAFE (ingest)');
  expect(stdout).toContain('Partners: acme (12)');
  expect(stdout).toMatch(/a\/\.\.\/7 .*about a\/\.\.\/7/);
  expect(stdout).toMatch(/1 x MOVED_BY_SQS.*died/);
  expect(stdout).toContain('moved.csv');
  expect(await listed()).toHaveLength(13);
});

test('show prints all facts of one dead letter, with its body', async () => {
  await refuse('a.csv', 'LANDING_FULL');
  const [deadLetter] = await listed();
  const { stdout } = await deadLetters('show', deadLetter?.messageId ?? '');
  for (const fact of [
    'LANDING_FULL',
    'acme',
    'a.csv',
    'q-1',
    'Free space',
    deadLetter?.body ?? '?',
  ]) {
    expect(stdout).toContain(fact);
  }
});

test('a message body cannot control the terminal', async () => {
  const QueueUrl = url('IngestDeadLetterQueue');
  const MessageBody = 'a\u009b2Jb';
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
  const [deadLetter] = await listed();
  const { stdout } = await deadLetters('show', deadLetter?.messageId ?? '');
  expect(stdout).toContain('a\\u009b2Jb');
  expect(stdout).not.toContain('\u009b');
});

test('redrive sends the selected dead letters unchanged, and leaves the others', async () => {
  await refuse('full-1', 'LANDING_FULL');
  await refuse('full-2', 'LANDING_FULL');
  await refuse('unsafe', 'KEY_UNSAFE');

  const { code, stdout } = await deadLetters('redrive', '--code', 'LANDING_FULL');

  expect({ code, stdout }).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('2 dead letters redriven to the ingest queue.'),
  });
  const bodies = ['full-1', 'full-2'].map((key) => encodeArrival(anArrival({ key })));
  expect(await ingestQueueBodies()).toEqual(bodies.toSorted());
  expect((await listed()).map(({ key }) => key)).toEqual(['unsafe']);
});

test('redrive by id takes that one', async () => {
  await refuse('one', 'LANDING_FULL');
  await refuse('two', 'LANDING_FULL');
  const selected = (await listed()).find(({ key }) => key === 'two');

  await deadLetters('redrive', '--id', selected?.messageId ?? '');

  expect((await listed()).map(({ key }) => key)).toEqual(['one']);
});

test('an event that EventBridge could not deliver is redriven to the ingest, too', async () => {
  const body = encodeArrival(anArrival({ key: 'late.csv' }));
  const QueueUrl = url('UndeliveredEventQueue');
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: body }));

  await deadLetters('redrive', '--all');

  expect(await ingestQueueBodies()).toEqual([body]);
  expect(await listed()).toEqual([]);
});

test('a dry run shows what would happen, and what must be fixed first, and does nothing', async () => {
  await refuse('a/../b', 'KEY_UNSAFE');
  const { stdout, stderr } = await deadLetters('redrive', '--all', '--dry-run');
  expect(stdout).toContain('1 dead letter would be redriven.');
  expect(stderr).toContain('KEY_UNSAFE: will fail again unless its cause is fixed first');
  expect(await ingestQueueBodies()).toEqual([]);
  expect(await listed()).toHaveLength(1);
});

test('remove deletes one dead letter, and prints it in full, so that it can be sent again', async () => {
  await refuse('a', 'KEY_UNSAFE');
  await refuse('b', 'KEY_UNSAFE');
  const [deadLetter] = await listed();

  const { stdout } = await deadLetters('remove', '--id', deadLetter?.messageId ?? '', '--json');

  expect(JSON.parse(stdout)).toEqual([deadLetter]);
  expect(await listed()).toHaveLength(1);
});

test('empty queues are reported as empty', async () => {
  expect(await deadLetters('list')).toMatchObject({
    code: 0,
    stdout: 'There are no dead letters.\n',
  });
  expect(await deadLetters('redrive', '--all')).toMatchObject({
    code: 0,
    stdout: 'No dead letter matches: nothing to do.\n',
  });
});

test('an unknown dead letter and an unclear selection are refused', async () => {
  await refuse('a', 'KEY_UNSAFE');
  expect(await deadLetters('redrive', '--id', 'nonsense')).toMatchObject({ code: 3 });
  expect(await deadLetters('show', 'nonsense')).toMatchObject({ code: 3 });
  expect(await deadLetters('redrive')).toMatchObject({ code: 2 });
  expect(await deadLetters('redrive', '--all', '--code', 'KEY_UNSAFE')).toMatchObject({ code: 2 });
  expect(await deadLetters('list', '--queue', 'nonsense')).toMatchObject({ code: 2 });
  expect(await listed()).toHaveLength(1);
});
