import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { DeleteObjectCommand, PutObjectCommand, PutObjectTaggingCommand } from '@aws-sdk/client-s3';
import {
  ChangeMessageVisibilityCommand,
  GetQueueAttributesCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { DeadLetter } from '../../shared/dead-letters/dead-letter.ts';
import { settledTags } from '../../shared/inbox/ledger-tags.ts';
import { IngestError, type IngestErrorCode } from '../../shared/model/ingest-error.ts';
import { encodeArrival, parseArrival } from '../../shared/parse/arrival.ts';
import { sqsWorkQueue } from '../../shared/queue/sqs-work-queue.ts';
import { aMessage, anArrival, anObject } from '../support/builders.ts';
import { type Installation, startInstallation } from '../support/installation.ts';
import { until } from '../support/until.ts';

// Each command is a process, and waits for an empty queue for a second.
vi.setConfig({ testTimeout: 240_000 });

let airlock: Installation;
const QUEUES = [
  'IngestQueue',
  'IngestDeadLetterQueue',
  'UndeliveredEventQueue',
  'SubscriptionDeadLetterQueue',
  'FailedInvocationQueue',
];

beforeAll(async () => {
  airlock = await startInstallation();
});
afterAll(async () => airlock?.[Symbol.asyncDispose]());

beforeEach(async () => {
  for (const queue of QUEUES) {
    await airlock.sqs.send(new PurgeQueueCommand({ QueueUrl: url(queue) }));
  }
});

const url = (logicalId: string): string => airlock.physicalId(logicalId);
const deadLetters = (...args: readonly string[]) => airlock.ops(['dead-letters', ...args]);
const listed = async (...args: readonly string[]): Promise<DeadLetter[]> =>
  JSON.parse((await deadLetters('list', '--json', ...args)).stdout) as DeadLetter[];

async function refuse(
  key: string,
  code: IngestErrorCode,
  { partner = 'acme', arrival = anArrival({ key }) } = {},
): Promise<void> {
  await sqsWorkQueue(airlock.sqs, {
    queue: url('IngestQueue'),
    deadLetter: url('IngestDeadLetterQueue'),
  }).deadLetter({
    message: aMessage({ body: encodeArrival(arrival) }),
    arrival,
    partner,
    error: new IngestError(code, `about ${key}`),
    requestId: 'q-1',
  });
}

async function ingestQueueBodies(): Promise<string[]> {
  const { Messages = [] } = await airlock.sqs.send(
    new ReceiveMessageCommand({
      QueueUrl: url('IngestQueue'),
      MaxNumberOfMessages: 10,
      VisibilityTimeout: 0,
    }),
  );
  return Messages.map(({ Body = '' }) => Body).toSorted();
}

test('list shows every dead letter with its reason, by cause, and leaves all of them there', async () => {
  for (let n = 1; n <= 12; n += 1) await refuse(`a/../${n}`, 'KEY_UNSAFE');
  await airlock.sqs.send(
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
  await airlock.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
  const [deadLetter] = await listed();
  const { stdout } = await deadLetters('show', deadLetter?.messageId ?? '');
  expect(stdout).toContain('a\\u009b2Jb');
  expect(stdout).not.toContain('\u009b');
});

test('redrive sends the selected dead letters unchanged, and leaves the others', async () => {
  await refuse('full-1', 'LANDING_FULL');
  await refuse('full-2', 'LANDING_FULL');
  await refuse('unsafe', 'KEY_UNSAFE');

  const { code, stdout } = await deadLetters('redrive', '--code', 'LANDING_FULL', '--no-wait');

  expect({ code, stdout }).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('2 dead letters redriven to the ingest queue.'),
  });
  const bodies = ['full-1', 'full-2'].map((key) => encodeArrival(anArrival({ key })));
  expect(await ingestQueueBodies()).toEqual(bodies.toSorted());
  expect((await listed()).map(({ key }) => key)).toEqual(['unsafe']);
});

test('redrive by the beginning of an id takes that one', async () => {
  await refuse('one', 'LANDING_FULL');
  await refuse('two', 'LANDING_FULL');
  const selected = (await listed()).find(({ key }) => key === 'two');

  await deadLetters('redrive', '--no-wait', '--id', selected?.messageId.slice(0, 9) ?? '');

  expect((await listed()).map(({ key }) => key)).toEqual(['one']);
});

test('an event that EventBridge could not deliver is redriven to the ingest, too', async () => {
  const body = encodeArrival(anArrival({ key: 'late.csv' }));
  const QueueUrl = url('UndeliveredEventQueue');
  await airlock.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: body }));

  await deadLetters('redrive', '--all', '--no-wait');

  expect(await ingestQueueBodies()).toEqual([body]);
  expect(await listed()).toEqual([]);
});

test('a dry run shows what would happen, and what must be fixed first, and does nothing', async () => {
  await refuse('a/../b', 'KEY_UNSAFE');
  const { stdout, stderr } = await deadLetters('redrive', '--all', '--dry-run');
  expect(stdout).toContain('1 dead letter would be redriven;');
  expect(stderr).toContain('KEY_UNSAFE: will fail again unless its cause is fixed first');
  expect(await ingestQueueBodies()).toEqual([]);
  expect(await listed()).toHaveLength(1);
});

test('remove deletes one dead letter, prints it in full, and records who did it and why', async () => {
  await refuse('a', 'KEY_UNSAFE');
  await refuse('b', 'KEY_UNSAFE');
  const [deadLetter] = await listed();
  const id = deadLetter?.messageId ?? '';

  const refused = await deadLetters('remove', '--id', id);
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('--reason') });
  expect(await listed()).toHaveLength(2);

  const words = ['remove', '--id', id, '--json', '--reason', 'sent under another name'];
  const { stdout, code } = await deadLetters(...words);

  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toEqual([deadLetter]);
  expect(await listed()).toHaveLength(1);
  expect(airlock.acts.at(-1)).toMatchObject({
    command: 'dead-letters remove',
    reason: 'sent under another name',
    outcome: 'done',
    who: { kind: 'os', name: expect.any(String) },
    subjects: [{ kind: 'dead-letter', id, key: deadLetter?.key, code: 'KEY_UNSAFE' }],
    subjectCount: 1,
  });
});

test('empty queues are reported as empty', async () => {
  expect(await deadLetters('list')).toMatchObject({
    code: 0,
    stdout: 'There are no dead letters.\n',
  });
  expect(await deadLetters('redrive', '--all')).toMatchObject({
    code: 0,
    stdout: 'There are no dead letters to do this with.\n',
  });
});

test('an unknown dead letter and an unclear selection are refused', async () => {
  await refuse('a', 'KEY_UNSAFE');
  expect(await deadLetters('redrive', '--id', 'nonsense')).toMatchObject({ code: 3 });
  expect(await deadLetters('show', 'nonsense')).toMatchObject({ code: 3 });
  expect(await deadLetters('redrive')).toMatchObject({ code: 2 });
  expect(await deadLetters('redrive', '--limit', '3')).toMatchObject({ code: 2 });
  expect(await deadLetters('redrive', '--all', '--code', 'KEY_UNSAFE')).toMatchObject({ code: 2 });
  expect(await deadLetters('list', '--queue', 'nonsense')).toMatchObject({ code: 2 });
  expect(await deadLetters('redrive', '--all', '--queue', 'invocation')).toMatchObject({ code: 2 });
  expect(await listed()).toHaveLength(1);
});

test('a code that does not exist is refused with the list of those that do', async () => {
  await refuse('a', 'KEY_UNSAFE');
  const { code, stdout, stderr } = await deadLetters('redrive', '--code', 'NOSUCH');
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/no code NOSUCH\nwhy: .*KEY_UNSAFE\nhow: .*POLICY_REFUSED/);
});

test('list, redrive and remove select by partner, key, code, age and limit', async () => {
  await refuse('in/a.csv', 'LANDING_FULL');
  await refuse('in/deep/b.csv', 'LANDING_FULL', { partner: 'other' });
  await refuse('c.txt', 'KEY_UNSAFE');
  const keys = async (...args: readonly string[]) => (await listed(...args)).map(({ key }) => key);

  expect(await keys('--partner', 'other')).toEqual(['in/deep/b.csv']);
  expect(await keys('--key', 'in/*.csv')).toEqual(['in/a.csv', 'in/deep/b.csv']);
  expect(await keys('--key', 'in/?.csv')).toEqual(['in/a.csv']);
  expect(await keys('--code', 'key_unsafe')).toEqual(['c.txt']);
  expect(await keys('--older-than', '1d')).toEqual([]);
  expect(await keys('--newer-than', '1d', '--limit', '2')).toHaveLength(2);

  const none = await deadLetters('redrive', '--partner', 'nobody');
  expect(none).toMatchObject({ code: 3, stdout: expect.stringContaining('3 dead letters in all') });
  await deadLetters('remove', '--key', 'c*', '--code', 'KEY_UNSAFE', '--reason', 'test');
  await deadLetters('redrive', '--partner', 'other', '--no-wait');
  expect(await keys()).toEqual(['in/a.csv']);
});

test('what another command has in hand is counted, and is no success', async () => {
  await refuse('a', 'KEY_UNSAFE');
  await refuse('b', 'KEY_UNSAFE');
  const { Messages = [] } = await airlock.sqs.send(
    new ReceiveMessageCommand({
      QueueUrl: url('IngestDeadLetterQueue'),
      VisibilityTimeout: 600,
      MaxNumberOfMessages: 1,
    }),
  );
  expect(Messages).toHaveLength(1);

  const some = await deadLetters('list');
  expect(some).toMatchObject({
    code: 4,
    stdout: expect.stringContaining('1 x KEY_UNSAFE'),
    stderr: expect.stringMatching(/1 in hand elsewhere until \d\d:\d\d/),
  });
  expect(await deadLetters('redrive', '--all', '--no-wait')).toMatchObject({ code: 4 });
  const all = await deadLetters('list');
  expect(all).toMatchObject({
    code: 4,
    stdout: expect.stringContaining('All dead letters are in hand elsewhere'),
  });
  expect(await deadLetters('redrive', '--all')).toMatchObject({ code: 4 });

  const [message] = Messages;
  await airlock.sqs.send(
    new ChangeMessageVisibilityCommand({
      QueueUrl: url('IngestDeadLetterQueue'),
      ReceiptHandle: message?.ReceiptHandle,
      VisibilityTimeout: 0,
    }),
  );
  expect(await deadLetters('list')).toMatchObject({ code: 0 });
});

/** Dead letters that anybody could receive now. */
async function visibleCount(): Promise<number> {
  const { Attributes } = await airlock.sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl: url('IngestDeadLetterQueue'),
      AttributeNames: ['ApproximateNumberOfMessages'],
    }),
  );
  return Number(Attributes?.['ApproximateNumberOfMessages']);
}

test.each(['SIGINT', 'SIGTERM'] as const)(
  'a command that %s interrupts gives back at once what it had in hand',
  async (signal) => {
    // Its policy is new, so a redrive waits a minute until it is in effect, with these in hand.
    const partner = `new-${signal.toLowerCase()}`;
    await airlock.ops(['partner', 'add', partner]);
    for (let n = 1; n <= 12; n += 1) await refuse(`${n}`, 'POLICY_REFUSED', { partner });
    const main = fileURLToPath(new URL('../../ops/main.ts', import.meta.url));
    const words = ['--home', airlock.home, 'dead-letters', 'redrive', '--all', '--no-wait'];
    const child = spawn(process.execPath, [main, ...words], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let stderr = '';
    for await (const text of child.stderr.setEncoding('utf8')) {
      stderr += text;
      if (!stderr.includes('until the changed policy is in effect') || child.killed) continue;
      expect(await visibleCount()).toBe(0);
      child.kill(signal);
    }
    if (child.exitCode === null) await once(child, 'close');

    expect(child.exitCode).toBe(signal === 'SIGINT' ? 130 : 143);
    expect(stderr).toContain('ops: interrupted');
    expect(await visibleCount()).toBe(12);
    expect(await ingestQueueBodies()).toEqual([]);
  },
);

/** Puts an upload into the inbox, and its dead letter into the queue, as if it had just been refused. */
async function refusedUpload(key: string, code: IngestErrorCode, partner = 'acme') {
  await airlock.s3.send(
    new PutObjectCommand({ Bucket: airlock.inboxBucket, Key: key, Body: 'abc' }),
  );
  // The event of its arrival.
  const { Messages: [message] = [] } = await airlock.sqs.send(
    new ReceiveMessageCommand({ QueueUrl: url('IngestQueue'), WaitTimeSeconds: 20 }),
  );
  const arrival = parseArrival(message?.Body ?? '');
  await airlock.sqs.send(new PurgeQueueCommand({ QueueUrl: url('IngestQueue') }));
  await refuse(key, code, { partner, arrival });
  return arrival;
}

test('a redrive waits for the endings and reports them: delivered, refused again, or none in time', async () => {
  const good = await refusedUpload('good.csv', 'LANDING_FULL');
  const bad = await refusedUpload('bad.csv', 'LANDING_FULL');
  await refusedUpload('slow.csv', 'LANDING_FULL');

  const running = deadLetters('redrive', '--all', '--wait', '20', '--reason', 'disk grown');
  await until(
    async () => (await ingestQueueBodies()).length,
    (sent) => sent === 3,
  );
  // What the ingest would do.
  const object = anObject({ ...good, tags: {} });
  const tags = settledTags(object, { status: 'clean', engine: 'ClamAV', settledAt: 0 });
  await airlock.s3.send(
    new PutObjectTaggingCommand({
      Bucket: good.bucket,
      Key: good.key,
      VersionId: good.versionId,
      Tagging: { TagSet: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) },
    }),
  );
  await refuse('bad.csv', 'KEY_COLLIDES', { arrival: bad });

  const { code, stdout } = await running;
  expect(stdout).toContain('refused again: bad.csv: KEY_COLLIDES: about bad.csv');
  expect(stdout).toContain('not ended: slow.csv');
  expect(stdout).toContain('3 dead letters redriven: 1 delivered, 1 refused again, 1 not ended.');
  expect(code).toBe(3);
  expect(airlock.acts.at(-1)).toMatchObject({
    command: 'dead-letters redrive',
    reason: 'disk grown',
    parameters: { all: true },
    subjects: [
      { key: 'good.csv', result: 'delivered' },
      { key: 'bad.csv', result: 'refused' },
      { key: 'slow.csv', result: 'not ended' },
    ],
  });
  expect((await listed()).map(({ key }) => key)).toEqual(['bad.csv']);
});

test('what the policy of a removed partner refused is not redriven, unless somebody says why', async () => {
  await airlock.ops(['partner', 'add', 'strict', '--refuse', '.exe']);
  await refusedUpload('strict/a.exe', 'POLICY_REFUSED', 'strict');
  await airlock.s3.send(
    new DeleteObjectCommand({ Bucket: airlock.configBucket, Key: 'partners/strict.json' }),
  );

  const refused = await deadLetters('redrive', '--all', '--no-wait');
  expect(refused).toMatchObject({
    code: 3,
    stderr: expect.stringMatching(/1 dead letter left where it is: .*strict.*removed/),
  });
  expect(await ingestQueueBodies()).toEqual([]);
  expect(await listed()).toHaveLength(1);

  expect(await deadLetters('redrive', '--all', '--even-so', '--no-wait')).toMatchObject({
    code: 2,
  });
  const words = ['redrive', '--all', '--even-so', '--no-wait', '--reason', 'agreed by phone'];
  expect(await deadLetters(...words)).toMatchObject({ code: 0 });
  expect(await ingestQueueBodies()).toHaveLength(1);
  expect(airlock.acts.at(-1)).toMatchObject({
    reason: 'agreed by phone',
    parameters: { all: true, evenSo: true },
    subjects: [{ key: 'strict/a.exe', partner: 'strict', result: 'sent' }],
  });
});
