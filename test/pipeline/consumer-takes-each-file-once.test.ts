import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { PublishCommand, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { parse } from 'yaml';
import { expect, test } from 'vitest';
import type { Notice } from '../../shared/notify/notice.ts';
import { type Airlock, startAirlock } from '../support/airlock.ts';
import { EICAR } from '../support/eicar.ts';
import { ingestLog } from '../support/faulty-airlock.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { until } from '../support/until.ts';

const EXAMPLE = fileURLToPath(new URL('../../examples/consumer.ts', import.meta.url));
const PAGE = new URL('../../docs/consumers.md', import.meta.url);

test('the example consumer takes each clean file once, with the bytes that were scanned', async () => {
  await using airlock = await startAirlock();
  const queueUrl = await subscribeAsThePageSays(airlock);
  await using intake = await temporaryDirectory();
  {
    await using consumer = startConsumer(airlock, queueUrl, intake.path);
    await airlock.sftp('mkdir in');
    await airlock.upload('in/virus.txt', EICAR);
    await airlock.upload('in/a.txt', 'first');
    const first = await airlock.noticeOf('in/a.txt', 'delivered');
    await consumer.line('taken', first);
    await airlock.upload('in/a.txt', 'second');
    const second = await until(
      () => airlock.notices.find((it) => it.object?.key === 'in/a.txt' && it.id !== first.id),
      (notice) => notice !== undefined,
    );
    await consumer.line('taken', second);
    await announceAgain(airlock, first);
    await consumer.line('passed over', first, 'repeated');
    await consumer.line('passed over', await airlock.noticeOf('in/', 'delivered'), 'a folder');

    expect(await contentsOf(intake.path)).toEqual({ [first.id]: 'first', [second!.id]: 'second' });
  }
  {
    // What it has taken it knows also after a restart.
    await using consumer = startConsumer(airlock, queueUrl, intake.path);
    const first = await airlock.noticeOf('in/a.txt', 'delivered');
    await announceAgain(airlock, first);
    await consumer.line('passed over', first, 'repeated');
  }
  expect(await messagesLeft(airlock, queueUrl)).toBe(0);
}, 180_000);

test('the example consumer waits for a file that does not show yet, and never takes other bytes for it', async () => {
  await using airlock = await startAirlock();
  const queueUrl = await subscribeAsThePageSays(airlock);
  await using intake = await temporaryDirectory();
  await airlock.upload('late.txt', 'late');
  await airlock.upload('other.txt', 'the bytes that were scanned');
  const late = await airlock.noticeOf('late.txt', 'delivered');
  const other = await airlock.noticeOf('other.txt', 'delivered');
  // Their workers look at the landed files once more.
  const ended = async (): Promise<number> =>
    (await ingestLog(airlock)).filter(({ message }) => message === 'object ended').length;
  await until(ended, (count) => count === 2);
  // As a client of NFS may see them: one not at all, of the other the file that was there before.
  const away = `${airlock.landed('late.txt')}.away`;
  await rename(airlock.landed('late.txt'), away);
  await writeFile(airlock.landed('other.txt'), 'other bytes');

  await using consumer = startConsumer(airlock, queueUrl, intake.path);
  await consumer.line('looked for again later', late, 'missing');
  await rename(away, airlock.landed('late.txt'));
  await consumer.line('taken', late);
  await consumer.line('passed over', other, 'different for good');
  expect(await contentsOf(intake.path)).toEqual({ [late.id]: 'late' });
}, 180_000);

/** With the queue's and the subscription's properties that docs/consumers.md gives. */
async function subscribeAsThePageSays({ sqs, sns, info }: Airlock): Promise<string> {
  const page = await readFile(PAGE, 'utf8');
  const { Resources } = parse(/```yaml\n(.*?)```/s.exec(page)?.[1] ?? '');
  const { DeliveredQueue, Subscription } = Resources;
  const queueArn = (name: string): string => info.queues.ingest.arn.replace(/[^:]*$/, name);
  await sqs.send(new CreateQueueCommand({ QueueName: 'not-taken' }));
  const { maxReceiveCount } = DeliveredQueue.Properties.RedrivePolicy;
  await sqs.send(
    new CreateQueueCommand({
      QueueName: 'delivered',
      Attributes: {
        VisibilityTimeout: String(DeliveredQueue.Properties.VisibilityTimeout),
        RedrivePolicy: JSON.stringify({
          maxReceiveCount,
          deadLetterTargetArn: queueArn('not-taken'),
        }),
      },
    }),
  );
  const { FilterPolicy, RawMessageDelivery, Protocol } = Subscription.Properties;
  await sns.send(
    new SubscribeCommand({
      TopicArn: info.topics.notices.arn,
      Protocol,
      Endpoint: queueArn('delivered'),
      Attributes: {
        FilterPolicy: JSON.stringify(FilterPolicy),
        RawMessageDelivery: String(RawMessageDelivery),
      },
    }),
  );
  return info.queues.ingest.url.replace(/[^/]*$/, 'delivered');
}

type Consumer = AsyncDisposable & {
  /** Waits for a line about a notice. @throws when the program ends before it */
  line(event: string, notice: Notice | undefined, why?: string): Promise<void>;
};

function startConsumer({ info }: Airlock, queueUrl: string, intake: string): Consumer {
  const { accessKeyId, secretAccessKey } = info.credentials;
  const child = spawn(process.execPath, [EXAMPLE], {
    env: {
      PATH: process.env['PATH'],
      QUEUE_URL: queueUrl,
      LANDING_ROOT: info.landingRoot,
      INTAKE: intake,
      RETRY_S: '3',
      AWS_ENDPOINT_URL_SQS: info.endpoints.sqs,
      AWS_REGION: info.region,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface(stream).on('line', (line) => lines.push(line));
  }
  return {
    async line(event, notice, why) {
      const wanted = { event, id: notice?.id, ...(why !== undefined && { why }) };
      const fits = (line: string): boolean => {
        const { event: seen, id, why: because } = asJson(line);
        return (
          seen === wanted.event && id === wanted.id && (why === undefined || because === wanted.why)
        );
      };
      await until(
        () => {
          if (child.exitCode !== null) throw new Error(`it ended: ${lines.join('\n')}`);
          return lines;
        },
        (all) => all.some(fits),
      );
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      expect(await ended).toEqual([0, null]);
    },
  };
}

function asJson(line: string): Readonly<Record<string, unknown>> {
  return line.startsWith('{') ? JSON.parse(line) : {};
}

async function announceAgain({ sns, info }: Airlock, notice: Notice): Promise<void> {
  await sns.send(
    new PublishCommand({
      TopicArn: info.topics.notices.arn,
      Message: JSON.stringify(notice),
      MessageAttributes: { outcome: { DataType: 'String', StringValue: notice.outcome } },
    }),
  );
}

async function contentsOf(directory: string): Promise<Readonly<Record<string, string>>> {
  const files = (await readdir(directory)).filter((name) => !name.startsWith('.'));
  const entries = files.map(async (name) => [name, await readFile(join(directory, name), 'utf8')]);
  return Object.fromEntries(await Promise.all(entries));
}

async function messagesLeft({ sqs }: Airlock, QueueUrl: string): Promise<number> {
  const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] });
  const { Attributes = {} } = await sqs.send(command);
  const { ApproximateNumberOfMessages, ApproximateNumberOfMessagesNotVisible } = Attributes;
  return Number(ApproximateNumberOfMessages) + Number(ApproximateNumberOfMessagesNotVisible);
}
