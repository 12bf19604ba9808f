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
import type { FoundLetter } from '../../shared/dead-letters/dead-letter.ts';
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
const listed = async (): Promise<FoundLetter[]> =>
  JSON.parse((await deadLetters('list', '--json')).stdout) as FoundLetter[];

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

test('list shows every letter with its reason, by cause, and leaves all of them there', async () => {
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

test('show tells all of one letter, its body included', async () => {
  await refuse('a.csv', 'LANDING_FULL');
  const [letter] = await listed();
  const { stdout } = await deadLetters('show', letter?.messageId ?? '');
  for (const fact of ['LANDING_FULL', 'acme', 'a.csv', 'q-1', 'Make room', letter?.body ?? '?']) {
    expect(stdout).toContain(fact);
  }
});

test('what a stranger put into a letter does not steer the terminal', async () => {
  const QueueUrl = url('IngestDeadLetterQueue');
  const MessageBody = 'a\u009b2Jb';
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
  const [letter] = await listed();
  const { stdout } = await deadLetters('show', letter?.messageId ?? '');
  expect(stdout).toContain('a\\u009b2Jb');
  expect(stdout).not.toContain('\u009b');
});

test('redrive puts the chosen letters back as they were, and leaves the others', async () => {
  await refuse('full-1', 'LANDING_FULL');
  await refuse('full-2', 'LANDING_FULL');
  await refuse('unsafe', 'KEY_UNSAFE');

  const { code, stdout } = await deadLetters('redrive', '--code', 'LANDING_FULL');

  expect({ code, stdout }).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('2 letters put back into the ingest queue.'),
  });
  const bodies = ['full-1', 'full-2'].map((key) => encodeArrival(anArrival({ key })));
  expect(await ingestQueueBodies()).toEqual(bodies.toSorted());
  expect((await listed()).map(({ key }) => key)).toEqual(['unsafe']);
});

test('redrive by id takes that one', async () => {
  await refuse('one', 'LANDING_FULL');
  await refuse('two', 'LANDING_FULL');
  const chosen = (await listed()).find(({ key }) => key === 'two');

  await deadLetters('redrive', '--id', chosen?.messageId ?? '');

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

test('a dry run says what would happen, and what must be mended first, and does nothing', async () => {
  await refuse('a/../b', 'KEY_UNSAFE');
  const { stdout, stderr } = await deadLetters('redrive', '--all', '--dry-run');
  expect(stdout).toContain('1 letter would be put back.');
  expect(stderr).toContain('KEY_UNSAFE: comes back unless its cause is mended first');
  expect(await ingestQueueBodies()).toEqual([]);
  expect(await listed()).toHaveLength(1);
});

test('remove gives up one letter, and prints it whole for whoever regrets it', async () => {
  await refuse('a', 'KEY_UNSAFE');
  await refuse('b', 'KEY_UNSAFE');
  const [letter] = await listed();

  const { stdout } = await deadLetters('remove', '--id', letter?.messageId ?? '', '--json');

  expect(JSON.parse(stdout)).toEqual([letter]);
  expect(await listed()).toHaveLength(1);
});

test('empty queues are said to be empty', async () => {
  expect(await deadLetters('list')).toMatchObject({
    code: 0,
    stdout: 'There is no dead letter.\n',
  });
  expect(await deadLetters('redrive', '--all')).toMatchObject({
    code: 0,
    stdout: 'There is no such letter: nothing to do.\n',
  });
});

test('a letter that is not there, and a choice that is not clear, are refused', async () => {
  await refuse('a', 'KEY_UNSAFE');
  expect(await deadLetters('redrive', '--id', 'nonsense')).toMatchObject({ code: 3 });
  expect(await deadLetters('show', 'nonsense')).toMatchObject({ code: 3 });
  expect(await deadLetters('redrive')).toMatchObject({ code: 2 });
  expect(await deadLetters('redrive', '--all', '--code', 'KEY_UNSAFE')).toMatchObject({ code: 2 });
  expect(await deadLetters('list', '--queue', 'nonsense')).toMatchObject({ code: 2 });
  expect(await listed()).toHaveLength(1);
});
