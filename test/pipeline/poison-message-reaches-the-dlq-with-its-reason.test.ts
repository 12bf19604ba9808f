import { access } from 'node:fs/promises';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { encodeArrival } from '../../shared/parse/arrival.ts';
import { attributesOf, startAirlock, type Airlock } from '../support/airlock.ts';
import { anArrival } from '../support/builders.ts';

let airlock: Airlock;

beforeAll(async () => {
  airlock = await startAirlock();
});
afterAll(async () => {
  await airlock?.[Symbol.asyncDispose]();
});

test('a message that is no event lies in the dead-letter queue with its reason; its neighbours are delivered', async () => {
  const { sqs, s3, info } = airlock;
  await s3.send(new PutObjectCommand({ Bucket: info.buckets.inbox, Key: 'good', Body: 'good' }));
  await sqs.send(
    new SendMessageBatchCommand({
      QueueUrl: info.queues.ingest.url,
      Entries: [
        { Id: '1', MessageBody: '{"not": "an event"' },
        { Id: '2', MessageBody: encodeArrival(anArrival({ bucket: 'somebody-elses' })) },
      ],
    }),
  );

  const letters = [
    await airlock.takeMessage(info.queues.deadLetter.url),
    await airlock.takeMessage(info.queues.deadLetter.url),
  ];
  const byCode = new Map(letters.map((letter) => [attributesOf(letter)['ErrorCode'], letter]));

  const malformed = byCode.get('EVENT_MALFORMED');
  expect(malformed?.Body).toBe('{"not": "an event"');
  expect(attributesOf(malformed ?? {})).toMatchObject({
    ErrorMessage: 'the message body is not JSON',
    ReceiveCount: '1',
  });
  expect(attributesOf(byCode.get('EVENT_FOREIGN') ?? {})).toMatchObject({
    Bucket: 'somebody-elses',
    Key: 'reports/a.csv',
  });
  await airlock.noticeOf('good', 'delivered');
});

test('a key that has no place in the landing tree is refused, announced and dead-lettered', async () => {
  const { s3, info } = airlock;
  const Key = '../outside.txt';
  await s3.send(new PutObjectCommand({ Bucket: info.buckets.inbox, Key, Body: 'x' }));

  const letter = await airlock.takeMessage(info.queues.deadLetter.url);
  expect(attributesOf(letter)).toMatchObject({
    ErrorCode: 'KEY_UNSAFE',
    ErrorMessage: 'the key has a ".." path segment',
    Bucket: info.buckets.inbox,
    Key,
    SizeBytes: '1',
  });
  expect(await airlock.noticeOf(Key)).toMatchObject({ outcome: 'refused', code: 'KEY_UNSAFE' });
  await expect(access(airlock.landed(Key))).rejects.toThrow('ENOENT');
});

test('a file where a folder stands is refused with both still there', async () => {
  const { s3, info } = airlock;
  const Bucket = info.buckets.inbox;
  await s3.send(new PutObjectCommand({ Bucket, Key: 'both/file.txt', Body: 'in a folder' }));
  await airlock.noticeOf('both/file.txt', 'delivered');
  await s3.send(new PutObjectCommand({ Bucket, Key: 'both', Body: 'a file' }));

  const letter = await airlock.takeMessage(info.queues.deadLetter.url);
  expect(attributesOf(letter)).toMatchObject({ ErrorCode: 'KEY_COLLIDES', Key: 'both' });
  await access(airlock.landed('both/file.txt'));
});
