import { readFile } from 'node:fs/promises';
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { buildApp } from 'fauxqs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { matchesEvent, parseEventPattern } from '../../local/events/pattern.ts';
import type { Notice } from '../../shared/notify/notice.ts';
import { snsNotifier } from '../../shared/notify/sns-notifier.ts';

/** One notice per name; the name is the id, so that a subscriber's catch reads well. */
const NOTICES = [
  notice('csv of acme', 'delivered', 'invoices/a.csv', 'acme', 10),
  notice('pdf of acme', 'delivered', 'invoices/a.pdf', 'acme', 10),
  notice('video of beta', 'delivered', 'media/a.mp4', 'beta', 2_000_000_000),
  notice('virus of beta', 'quarantined', 'invoices/b.csv', 'beta', 10),
  notice('secret', 'held', 'secret.zip', 'acme', 200_000_000),
  notice('unsafe', 'refused', '../up', 'acme', 10),
  notice('old', 'superseded', 'invoices/a.csv', 'acme', 10),
  notice('part', 'skipped', 'invoices/a.csv.part', 'acme', 10),
];

const CAUGHT: Readonly<Record<string, readonly string[]>> = {
  'needs-a-person': ['virus of beta', 'secret', 'unsafe'],
  'one-partner': ['csv of acme', 'pdf of acme'],
  invoices: ['csv of acme'],
  'large-files': ['video of beta', 'secret'],
  'no-noise': ['csv of acme', 'pdf of acme', 'video of beta', 'virus of beta', 'secret', 'unsafe'],
};

const page = await readFile(new URL('../../docs/notices.md', import.meta.url), 'utf8');
const blocks = (kind: string): [name: string, json: string][] =>
  [...page.matchAll(new RegExp(`\`\`\`json ${kind}=(\\S+)\\n(.*?)\`\`\``, 'gs'))].map(
    ([, name = '', json = '']) => [name, json],
  );

const app = buildApp({ logger: false });
let sns: SNSClient;
let sqs: SQSClient;
let topicArn: string;
let accountAndRegion: string;

beforeAll(async () => {
  const endpoint = await app.listen({ host: '127.0.0.1', port: 0 });
  const credentials = { accessKeyId: 'x', secretAccessKey: 'x' };
  const settings = { endpoint, region: 'eu-central-1', credentials };
  sns = new SNSClient(settings);
  sqs = new SQSClient(settings);
  const { TopicArn = '' } = await sns.send(new CreateTopicCommand({ Name: 'notices' }));
  topicArn = TopicArn;
  accountAndRegion = TopicArn.split(':').slice(3, 5).join(':');
});
afterAll(async () => {
  sns.destroy();
  sqs.destroy();
  await app.close();
});

test('the page has a recipe for each case that is tested here, and no other', () => {
  expect(blocks('recipe').map(([name]) => name)).toEqual(Object.keys(CAUGHT));
});

test('each recipe catches what the page says', async () => {
  const queues = new Map<string, string>();
  for (const [name, FilterPolicy] of blocks('recipe')) {
    const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: name }));
    queues.set(name, QueueUrl);
    await sns.send(
      new SubscribeCommand({
        TopicArn: topicArn,
        Protocol: 'sqs',
        Endpoint: `arn:aws:sqs:${accountAndRegion}:${name}`,
        Attributes: { FilterPolicy, RawMessageDelivery: 'true' },
      }),
    );
  }
  const notifier = snsNotifier(sns, topicArn);
  for (const it of NOTICES) await notifier.announce(it, AbortSignal.timeout(5_000));

  const caught = new Map<string, readonly string[]>();
  for (const [name, url] of queues) caught.set(name, await drain(url));
  expect(Object.fromEntries(caught)).toEqual(
    Object.fromEntries(Object.entries(CAUGHT).map(([name, ids]) => [name, ids.toSorted()])),
  );
});

test.each(blocks('pattern'))('the event pattern %s catches the same', (name, json) => {
  const pattern = parseEventPattern(JSON.parse(json));
  const ids = NOTICES.filter((detail) => matchesEvent(pattern, { source: 'airlock', detail }));
  expect(ids.map(({ id }) => id)).toEqual(CAUGHT[name]);
});

async function drain(QueueUrl: string): Promise<readonly string[]> {
  const ids: string[] = [];
  for (;;) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
    );
    if (Messages.length === 0) return ids.toSorted();
    ids.push(...Messages.map(({ Body = '{}' }) => (JSON.parse(Body) as Notice).id));
  }
}

function notice(
  id: string,
  outcome: Notice['outcome'],
  key: string,
  partner: string,
  sizeBytes: number,
): Notice {
  const at = '2026-11-21T09:00:00.000Z';
  const object = { bucket: 'inbox', key, etag: 'e', sizeBytes, arrivedAt: at };
  return { schema: 'airlock.notice/1', id, outcome, at, partner, object };
}
