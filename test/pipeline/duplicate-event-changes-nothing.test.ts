import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { expect, test } from 'vitest';
import { startAirlock } from '../support/airlock.ts';
import { encodeArrival } from '../../shared/parse/arrival.ts';

test('an event that comes again touches neither the file nor the subscribers', async () => {
  await using airlock = await startAirlock();
  const { s3, sqs, info } = airlock;
  const Bucket = info.buckets.inbox;
  await s3.send(new PutObjectCommand({ Bucket, Key: 'a.txt', Body: 'abc' }));
  const { object } = await airlock.noticeOf('a.txt', 'delivered');
  if (!object) throw new Error('a notice of a delivery names its object');
  await expect.poll(() => airlock.tagsOf('a.txt')).toHaveProperty('scan-status', 'clean');
  const before = await stat(airlock.landed('a.txt'));

  const again = encodeArrival({
    bucket: object.bucket,
    key: object.key,
    sizeBytes: object.sizeBytes,
    etag: object.etag,
    versionId: object.versionId,
    arrivedAt: Date.parse(object.arrivedAt),
  });
  const QueueUrl = info.queues.ingest.url;
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: again }));

  const log = join(info.logs, 'IngestFunction.log');
  await expect.poll(() => readFile(log, 'utf8')).toMatch(/object ended.*"outcome":"duplicate"/);
  const after = await stat(airlock.landed('a.txt'));
  expect([after.ino, after.mtimeMs, after.ctimeMs]).toEqual([
    before.ino,
    before.mtimeMs,
    before.ctimeMs,
  ]);
  expect(airlock.notices.filter(({ object: it }) => it?.key === 'a.txt')).toHaveLength(1);
});

test('the tags a sender gave an object are kept when it is settled', async () => {
  await using airlock = await startAirlock();
  const { s3, info } = airlock;
  const Bucket = info.buckets.inbox;
  await s3.send(new PutObjectCommand({ Bucket, Key: 'b', Body: 'x', Tagging: 'project=moon' }));
  await airlock.noticeOf('b', 'delivered');
  await expect
    .poll(() => airlock.tagsOf('b'))
    .toMatchObject({ project: 'moon', 'scan-status': 'clean' });
});
