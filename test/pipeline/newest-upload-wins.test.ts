import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { expect, test } from 'vitest';
import { encodeArrival } from '../../shared/parse/arrival.ts';
import { startAirlock } from '../support/airlock.ts';
import { ingestLog } from '../support/faulty-airlock.ts';
import { until } from '../support/until.ts';

test('of many quick uploads under one name the last one lands, and every one of them is announced once', async () => {
  await using airlock = await startAirlock();
  const { s3, info } = airlock;
  const Bucket = info.buckets.inbox;
  const versions: string[] = [];
  for (let index = 0; index < 20; index += 1) {
    const Body = `version ${index} `.repeat(5000);
    const { VersionId = '' } = await s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body }));
    versions.push(VersionId);
  }

  // An upload has ended only after its worker has delivered again whatever it found covered.
  const ended = async (): Promise<number> =>
    (await ingestLog(airlock)).filter(({ message }) => message === 'object ended').length;
  await until(ended, (count) => count === versions.length);
  const announced = airlock.notices.map(({ object }) => object?.versionId ?? '');
  expect(announced.toSorted()).toEqual(versions.toSorted());
  const last = airlock.notices.find(({ object }) => object?.versionId === versions.at(-1));
  expect(last).toMatchObject({ outcome: 'delivered' });
  expect(await readFile(airlock.landed('k'), 'utf8')).toBe('version 19 '.repeat(5000));
});

test('the late event of an older upload does not bring the older bytes back', async () => {
  await using airlock = await startAirlock();
  const { s3, sqs, info } = airlock;
  const Bucket = info.buckets.inbox;
  await s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'old' }));
  const { object: old } = await airlock.noticeOf('k', 'delivered');
  if (!old) throw new Error('a notice of a delivery names its object');
  await s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'new' }));
  await expect.poll(() => readFile(airlock.landed('k'), 'utf8')).toBe('new');

  const late = encodeArrival({ ...old, versionId: old.versionId, arrivedAt: Date.now() });
  await sqs.send(new SendMessageCommand({ QueueUrl: info.queues.ingest.url, MessageBody: late }));

  const log = join(info.logs, 'IngestFunction.log');
  await expect.poll(() => readFile(log, 'utf8')).toMatch(/object ended.*"outcome":"duplicate"/);
  expect(airlock.notices.map(({ outcome }) => outcome)).toEqual(['delivered', 'delivered']);
  expect(await readFile(airlock.landed('k'), 'utf8')).toBe('new');
});
