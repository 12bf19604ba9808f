import { readdir, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import { expect, test } from 'vitest';
import type { Cloud } from '../../local/cloud.ts';
import { attributesOf, startAirlock } from '../support/airlock.ts';
import { openCloud } from '../support/cloud.ts';
import { upload } from '../support/faulty-airlock.ts';
import { mayMount, mountMemory } from '../support/mount.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { until } from '../support/until.ts';

function queue({ stack }: Cloud, logicalId: string): string {
  return stack.queues.find((it) => it.logicalId === logicalId)?.url ?? '';
}

async function send({ sqs }: Cloud, QueueUrl: string, MessageBody: string): Promise<void> {
  const MessageAttributes = { ErrorCode: { DataType: 'String', StringValue: 'EVENT_MALFORMED' } };
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, MessageAttributes }));
}

async function receive({ sqs }: Cloud, QueueUrl: string) {
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({
      QueueUrl,
      MaxNumberOfMessages: 10,
      MessageAttributeNames: ['All'],
      MessageSystemAttributeNames: ['All'],
    }),
  );
  return Messages;
}

test.each([
  'IngestDeadLetterQueue',
  'UndeliveredEventQueue',
  'SubscriptionDeadLetterQueue',
  'FailedInvocationQueue',
])('what waits in the %s is there again after a restart, as it was', async (logicalId) => {
  await using home = await temporaryDirectory();
  let before;
  {
    await using cloud = await openCloud(home.path);
    expect(cloud.remembersDeadLetters).toBe(false);
    await send(cloud, queue(cloud, logicalId), 'Q3 \ufffd of acme');
    [before] = await receive(cloud, queue(cloud, logicalId));
  }
  await using cloud = await openCloud(home.path);
  expect(cloud.remembersDeadLetters).toBe(true);
  const after = await receive(cloud, queue(cloud, logicalId));
  expect(after).toHaveLength(1);
  const [{ Body, MessageId, MD5OfBody, MD5OfMessageAttributes, Attributes } = {}] = after;
  expect({ Body, MessageId, MD5OfBody, MD5OfMessageAttributes }).toEqual({
    Body: 'Q3 \ufffd of acme',
    MessageId: before?.MessageId,
    MD5OfBody: before?.MD5OfBody,
    MD5OfMessageAttributes: before?.MD5OfMessageAttributes,
  });
  expect(attributesOf(after[0] ?? {})).toEqual({ ErrorCode: 'EVENT_MALFORMED' });
  expect(Attributes?.['SentTimestamp']).toBe(before?.Attributes?.['SentTimestamp']);
});

test('what was removed stays away, what was given back stays, and what SQS moved is kept', async () => {
  await using home = await temporaryDirectory();
  {
    await using cloud = await openCloud(home.path);
    const { sqs } = cloud;
    const QueueUrl = queue(cloud, 'IngestDeadLetterQueue');
    for (const body of ['removed', 'given back']) await send(cloud, QueueUrl, body);
    for (const { Body, ReceiptHandle } of await receive(cloud, QueueUrl)) {
      if (Body === 'removed') {
        await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
      } else {
        const given = { QueueUrl, ReceiptHandle, VisibilityTimeout: 0 };
        await sqs.send(new ChangeMessageVisibilityCommand(given));
      }
    }
    const dead = cloud.stack.queues.find((it) => it.logicalId === 'IngestDeadLetterQueue')?.arn;
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: dead, maxReceiveCount: 1 });
    const Attributes = { RedrivePolicy, VisibilityTimeout: '0' };
    const { QueueUrl: source = '' } = await sqs.send(
      new CreateQueueCommand({ QueueName: 'source', Attributes }),
    );
    await send(cloud, source, 'moved');
    // The second receive exceeds the limit.
    await until(
      async () => await receive(cloud, source),
      ({ length }) => length === 0,
    );
  }
  await using cloud = await openCloud(home.path);
  const kept = await receive(cloud, queue(cloud, 'IngestDeadLetterQueue'));
  expect(kept.map(({ Body }) => String(Body)).toSorted()).toEqual(['given back', 'moved']);
  await expect(receive(cloud, queue(cloud, 'IngestQueue'))).resolves.toEqual([]);
});

test.runIf(mayMount())(
  'on a full disk a dead letter stays in memory, and is written when there is room',
  async () => {
    await using home = await temporaryDirectory();
    using _disk = await mountMemory(home.path, 8);
    const filler = join(home.path, 'filler');
    const troubles: string[] = [];
    {
      await using cloud = await openCloud(home.path, (what) => troubles.push(what));
      const QueueUrl = queue(cloud, 'IngestDeadLetterQueue');
      await writeFile(filler, Buffer.alloc(16_000_000)).catch(() => {});
      for (let index = 0; index < 3; index += 1) await send(cloud, QueueUrl, 'x'.repeat(500_000));
      expect(troubles).toEqual([expect.stringMatching(/messages\.db cannot be written \(.*full/)]);
      await truncate(filler);
      await until(
        () => troubles,
        ({ length }) => length > 1,
      );
      expect(troubles[1]).toMatch(/messages\.db can be written again/);
    }
    await using cloud = await openCloud(home.path);
    expect(await receive(cloud, queue(cloud, 'IngestDeadLetterQueue'))).toHaveLength(3);
  },
);

test('a refused upload and a malformed message wait for a person over a restart, and are not tried again', async () => {
  await using home = await temporaryDirectory();
  {
    await using first = await startAirlock({ home: home.path });
    const QueueUrl = first.info.queues.ingest.url;
    await first.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'no event' }));
    await upload(first, '../refused', 'content');
    await first.noticeOf('../refused', 'refused');
    await until(
      () => first.notices,
      ({ length }) => length === 2,
    );
    await until(
      () => first.tagsOf('../refused'),
      (tags) => 'scan-refused' in tags,
    );

    // Only the landing tree is for others to read.
    const open = ['landing'];
    for (const name of await readdir(home.path)) {
      const { mode } = await stat(join(home.path, name));
      expect([name, mode & 0o077]).toEqual([name, open.includes(name) ? 0o055 : 0]);
    }
  }
  await using second = await startAirlock({ home: home.path });
  expect(second.runtime.resumedCount).toBe(0);
  const { url } = second.info.queues.deadLetter;
  const letters = [await second.takeMessage(url), await second.takeMessage(url)];
  expect(letters.map((letter) => String(attributesOf(letter)['ErrorCode'])).toSorted()).toEqual([
    'EVENT_MALFORMED',
    'KEY_UNSAFE',
  ]);
});
