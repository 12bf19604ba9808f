import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { S3Client } from '@aws-sdk/client-s3';
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectTaggingCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { S3Event } from '../../../local/s3/server.ts';
import { startS3 } from '../../../local/s3/server.ts';
import { createClient, openS3, read, refusal, isForeign } from './support.ts';
import type { S3UnderTest } from './support.ts';

let s3: S3UnderTest;
let client: S3Client;
let Bucket: string;
let plain: string;
// In a hook, because hooks are skipped when all tests are; otherwise the server would never be closed.
beforeAll(async () => {
  s3 = await openS3();
  ({ client } = s3);
  Bucket = await s3.bucket({ versioned: true });
  plain = await s3.bucket();
});
afterAll(() => s3[Symbol.asyncDispose]());

const eventsOf = (key: string): S3Event[] =>
  s3.events.filter(({ detail }) => detail.object.key === key);

test.skipIf(isForeign)(
  'a put emits exactly the event of EventBridge, with the raw key',
  async () => {
    const Key = 'dir/a b+ü%20.txt';
    const put = await client.send(new PutObjectCommand({ Bucket, Key, Body: '12345' }));
    expect(eventsOf(Key)).toEqual([
      {
        version: '0',
        id: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
        'detail-type': 'Object Created',
        source: 'aws.s3',
        account: '000000000000',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
        region: 'eu-central-1',
        resources: [`arn:aws:s3:::${Bucket}`],
        detail: {
          version: '0',
          bucket: { name: Bucket },
          object: {
            key: Key,
            size: 5,
            etag: put.ETag?.replaceAll('"', ''),
            'version-id': put.VersionId,
            sequencer: expect.stringMatching(/^[0-9A-F]{18}$/),
          },
          'request-id': put.$metadata.requestId,
          requester: '000000000000',
          'source-ip-address': '127.0.0.1',
          reason: 'PutObject',
        },
      },
    ]);
  },
);

test.skipIf(isForeign)('without versioning there is no version id', async () => {
  await client.send(new PutObjectCommand({ Bucket: plain, Key: 'unversioned', Body: 'x' }));
  expect(eventsOf('unversioned')[0]?.detail.object).not.toHaveProperty('version-id');
});

test.skipIf(isForeign)('copy and multipart have their own reasons', async () => {
  await client.send(new PutObjectCommand({ Bucket: plain, Key: 'from', Body: 'x' }));
  const CopySource = `${plain}/from`;
  await client.send(new CopyObjectCommand({ Bucket: plain, Key: 'copied', CopySource }));
  const where = { Bucket: plain, Key: 'multi' };
  const { UploadId } = await client.send(new CreateMultipartUploadCommand(where));
  const part = { ...where, UploadId, PartNumber: 1, Body: 'part' };
  const { ETag } = await client.send(new UploadPartCommand(part));
  expect(eventsOf('multi')).toEqual([]);
  const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
  await client.send(new CompleteMultipartUploadCommand({ ...where, UploadId, MultipartUpload }));
  expect(eventsOf('copied')[0]?.detail.reason).toBe('CopyObject');
  expect(eventsOf('multi')[0]?.detail).toMatchObject({
    reason: 'CompleteMultipartUpload',
    object: { size: 4 },
  });
});

test.skipIf(isForeign)('deletes and tags emit events, in the order of the changes', async () => {
  const where = { Bucket, Key: 'life' };
  const put = await client.send(new PutObjectCommand({ ...where, Body: '1' }));
  const Tagging = { TagSet: [{ Key: 'a', Value: 'b' }] };
  await client.send(new PutObjectTaggingCommand({ ...where, Tagging }));
  await client.send(new DeleteObjectTaggingCommand(where));
  const marker = await client.send(new DeleteObjectCommand(where));
  await client.send(new DeleteObjectCommand({ ...where, VersionId: put.VersionId }));
  await client.send(new PutObjectCommand({ ...where, Body: '2' }));

  const events = eventsOf('life');
  expect(events.map((event) => [event['detail-type'], event.detail['deletion-type']])).toEqual([
    ['Object Created', undefined],
    ['Object Tags Added', undefined],
    ['Object Tags Deleted', undefined],
    ['Object Deleted', 'Delete Marker Created'],
    ['Object Deleted', 'Permanently Deleted'],
    ['Object Created', undefined],
  ]);
  expect(events[3]?.detail.object['version-id']).toBe(marker.VersionId);
  expect(events[4]?.detail.object['version-id']).toBe(put.VersionId);
  const sequencers = events.flatMap(({ detail }) => detail.object.sequencer ?? []);
  expect(sequencers).toHaveLength(4);
  expect(sequencers).toEqual(sequencers.toSorted());
  expect(new Set(sequencers).size).toBe(4);
});

test.skipIf(isForeign)('a request that changes nothing emits nothing', async () => {
  const where = { Bucket: plain, Key: 'nothing' };
  await client.send(new DeleteObjectCommand(where));
  await refusal(client.send(new PutObjectCommand({ ...where, Body: 'x', IfMatch: '"a"' })));
  await refusal(client.send(new PutObjectCommand({ ...where, Body: 'x', ContentMD5: 'x' })));
  expect(eventsOf('nothing')).toEqual([]);
});

test.skipIf(isForeign)(
  'an event is emitted after the object can be read, and an error does not fail the request',
  async () => {
    const root = await mkdtemp(join(tmpdir(), 's3-events-'));
    const errors: unknown[] = [];
    const seen: Promise<string>[] = [];
    const standIn = await startS3({
      root,
      region: 'eu-central-1',
      accountId: '000000000000',
      emit(event) {
        seen.push(read(other, { Bucket: 'b-1', Key: event.detail.object.key }));
        throw new Error('emit failed');
      },
      onError: (error) => errors.push(error),
    });
    const other = createClient(standIn.endpoint);
    standIn.ensureBucket('b-1', { versioned: false, eventBridge: true });
    standIn.ensureBucket('b-2', { versioned: false, eventBridge: false });
    await other.send(new PutObjectCommand({ Bucket: 'b-1', Key: 'k', Body: 'body' }));
    await other.send(new PutObjectCommand({ Bucket: 'b-2', Key: 'k', Body: 'silent' }));
    expect(await Promise.all(seen)).toEqual(['body']);
    expect(errors).toMatchObject([{ message: 'emit failed' }]);
    other.destroy();
    await standIn[Symbol.asyncDispose]();
    await rm(root, { recursive: true });
  },
);
