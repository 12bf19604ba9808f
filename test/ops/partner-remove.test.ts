import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { CreateQueueCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startMessaging } from '../../local/messaging/messaging.ts';
import { IngestError, type IngestErrorCode } from '../../shared/model/ingest-error.ts';
import { encodeArrival } from '../../shared/parse/arrival.ts';
import { sqsWorkQueue } from '../../shared/queue/sqs-work-queue.ts';
import { aMessage, anArrival } from '../support/builders.ts';
import { type Installation, startInstallation } from '../support/installation.ts';
import { runPartnerCommand } from '../support/partner-command.ts';
import { aPartner } from '../support/partners.ts';

const QUEUES = [
  'IngestQueue',
  'IngestDeadLetterQueue',
  'UndeliveredEventQueue',
  'SubscriptionDeadLetterQueue',
  'FailedInvocationQueue',
];

const parts = new AsyncDisposableStack();
let airlock: Installation;
let refuse: (partner: string, code: IngestErrorCode) => Promise<void>;

beforeAll(async () => {
  airlock = parts.use(await startInstallation());
});
afterAll(() => parts.disposeAsync());

async function add(name: string): Promise<void> {
  await airlock.s3.send(
    new PutObjectCommand({
      Bucket: airlock.configBucket,
      Key: `partners/${name}.json`,
      Body: JSON.stringify(aPartner({ name, landingPrefix: `${name}/` })),
    }),
  );
}

test('where the dead letters cannot be read, a partner is removed all the same, and that is said', async () => {
  await add('first');
  const file = join(airlock.home, 'runtime.json');
  const info = JSON.parse(await readFile(file, 'utf8'));
  const endpoints = { ...info.endpoints, sqs: 'http://127.0.0.1:9' };
  await writeFile(file, JSON.stringify({ ...info, endpoints }));
  const { code, stdout } = await runPartnerCommand(airlock.home, ['remove', 'first']);
  expect([code, stdout]).toEqual([0, expect.stringContaining('is not known')]);
  const again = await runPartnerCommand(airlock.home, ['show', 'first']);
  expect(again.code).toBe(3);
});

test('remove says which dead letters its policy had refused, and leaves them and the uploads there', async () => {
  const settings = {
    region: 'eu-central-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
  };
  const { sqs, endpoint } = parts.use(await startMessaging(settings));
  const urls: Record<string, string> = {};
  for (const QueueName of QUEUES) {
    urls[QueueName] = (await sqs.send(new CreateQueueCommand({ QueueName }))).QueueUrl ?? '';
  }
  const file = join(airlock.home, 'runtime.json');
  const info = JSON.parse(await readFile(file, 'utf8'));
  const resources = { ...info.resources, ...urls };
  const endpoints = { ...info.endpoints, sqs: endpoint };
  await writeFile(file, JSON.stringify({ ...info, resources, endpoints }));
  const queue = sqsWorkQueue(sqs, {
    queue: urls['IngestQueue'] ?? '',
    deadLetter: urls['IngestDeadLetterQueue'] ?? '',
  });
  refuse = async (partner, code) => {
    const arrival = anArrival({ key: `${partner}/a.exe` });
    const message = aMessage({ body: encodeArrival(arrival) });
    const error = new IngestError(code, 'for a test');
    await queue.deadLetter({ message, arrival, partner, error, requestId: 'q-1' });
  };
  await add('acme');
  await refuse('acme', 'POLICY_REFUSED');
  await refuse('acme', 'POLICY_REFUSED');
  await refuse('acme', 'KEY_UNSAFE');
  await refuse('globex', 'POLICY_REFUSED');

  for (const _attempt of [1, 2]) {
    const { code, stdout } = await runPartnerCommand(airlock.home, [
      'remove',
      'acme',
      '--reason',
      'contract ended',
    ]);
    expect([code, stdout]).toEqual([
      0,
      expect.stringContaining('2 dead letters were refused by its policy'),
    ]);
    expect(stdout).toContain('what was delivered of them, and what is in quarantine stay');
    // The dead letters are still there: they are counted again.
    await add('acme');
  }
});
