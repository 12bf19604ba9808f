import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
} from '@aws-sdk/client-s3';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Arrival, PinnedObject } from '../../shared/model/arrival.ts';
import { s3Inventory } from '../../shared/inbox/s3-inventory.ts';
import { s3ObjectSource } from '../../shared/inbox/s3-object-source.ts';
import { s3Settler } from '../../shared/inbox/s3-settler.ts';
import { versionOf } from '../../shared/model/upload-id.ts';
import { anArrival } from '../support/builders.ts';
import { openS3, type S3UnderTest } from './s3/support.ts';

const { signal } = new AbortController();
let s3: S3UnderTest;
beforeAll(async () => {
  s3 = await openS3();
});
afterAll(() => s3[Symbol.asyncDispose]());

async function put(Bucket: string, Key: string, Body: string): Promise<Arrival> {
  const { VersionId, ETag = '' } = await s3.client.send(
    new PutObjectCommand({ Bucket, Key, Body }),
  );
  const etag = ETag.replaceAll('"', '');
  return anArrival({ bucket: Bucket, key: Key, versionId: VersionId, etag });
}

async function historyOf(bucket: string, key: string): Promise<unknown[]> {
  const changes = [];
  for await (const change of s3ObjectSource(s3.client).history(bucket, key, signal)) {
    changes.push(
      change.kind === 'upload' ? [change.upload.versionId, await change.readTags()] : 'deletion',
    );
  }
  return changes;
}

async function read(arrival: Arrival): Promise<string> {
  await using opened = await s3ObjectSource(s3.client).open(arrival, signal);
  return opened.state === 'open' ? (await buffer(opened.body)).toString() : opened.state;
}

test('an overwritten or deleted upload can be opened, one whose version was removed is gone', async () => {
  const bucket = await s3.bucket({ versioned: true });
  const old = await put(bucket, 'k', 'old');
  await put(bucket, 'k', 'new');
  expect(await read(old)).toBe('old');
  await s3.client.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'k' }));
  expect(await read(old)).toBe('old');
  await s3.client.send(
    new DeleteObjectCommand({ Bucket: bucket, Key: 'k', VersionId: old.versionId }),
  );
  expect(await read(old)).toBe('gone');
});

test('without versioning, an upload is gone once another has replaced it', async () => {
  const bucket = await s3.bucket({ versioned: false });
  const old = await put(bucket, 'k', 'old');
  expect(await read(old)).toBe('old');
  await put(bucket, 'k', 'new');
  expect(await read(old)).toBe('gone');
});

test('the history of a key has its uploads and deletions in order, newest first, and no other key', async () => {
  const bucket = await s3.bucket({ versioned: true });
  const [one, two] = [await put(bucket, 'k', '1'), await put(bucket, 'k', '2')];
  await s3.client.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'k' }));
  const three = await put(bucket, 'k', '3');
  await put(bucket, 'k2', 'a neighbour');
  await put(bucket, 'k/below', 'another');
  const tagging = { TagSet: [{ Key: 'project', Value: 'moon' }] };
  await s3.client.send(
    new PutObjectTaggingCommand({
      Bucket: bucket,
      Key: 'k',
      VersionId: two.versionId,
      Tagging: tagging,
    }),
  );
  expect(await historyOf(bucket, 'k')).toEqual([
    [three.versionId, {}],
    'deletion',
    [two.versionId, { project: 'moon' }],
    [one.versionId, {}],
  ]);
  expect(await historyOf(bucket, 'nothing')).toEqual([]);

  const Objects = [{ Key: 'k', VersionId: two.versionId }];
  await s3.client.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects } }));
  expect(await historyOf(bucket, 'k')).toEqual([
    [three.versionId, {}],
    'deletion',
    [one.versionId, {}],
  ]);
});

async function pinned(arrival: Arrival): Promise<PinnedObject | undefined> {
  await using opened = await s3ObjectSource(s3.client).open(arrival, signal);
  return opened.state === 'open' ? opened.object : undefined;
}

async function inventoryOf(bucket: string) {
  const search = { arrivedBefore: Number.MAX_SAFE_INTEGER, includeRefused: true };
  return await Array.fromAsync(s3Inventory(s3.client).survey(bucket, search, signal));
}

const settlement = { status: 'clean', engine: 'ClamAV', settledAt: 0 } as const;

test('without versioning an upload has one id, whatever S3 calls its version, and the next has another', async () => {
  const bucket = await s3.bucket({ versioned: false });
  const arrival = await put(bucket, 'k', 'old');
  expect(arrival.versionId).toBeUndefined();
  const object = (await pinned(arrival)) as PinnedObject;
  await s3Settler(s3.client).mark(object, settlement, signal);

  const [entry] = await inventoryOf(bucket);
  expect(entry).toMatchObject({ state: 'delivered', arrival: { versionId: 'null' } });
  const listed = entry?.arrival as Arrival;
  const [change] = await Array.fromAsync(s3ObjectSource(s3.client).history(bucket, 'k', signal));
  const inHistory = change?.kind === 'upload' ? change.upload : undefined;
  const ids = [arrival, object, listed, inHistory as Arrival].map(versionOf);
  expect(new Set(ids)).toEqual(new Set([arrival.etag]));
  expect(await read(listed)).toBe('old');

  await put(bucket, 'k', 'new');
  expect(await read(listed)).toBe('gone');
  expect(await inventoryOf(bucket)).toMatchObject([{ state: 'unsettled' }]);
});

test('what was stored before versioning was switched on keeps its id, also under a newer upload', async () => {
  const bucket = await s3.bucket({ versioned: false });
  const arrival = await put(bucket, 'k', 'old');
  const VersioningConfiguration = { Status: 'Enabled' as const };
  await s3.client.send(new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration }));
  const object = (await pinned(arrival)) as PinnedObject;
  expect(versionOf(object)).toBe(versionOf(arrival));

  const newer = await put(bucket, 'k', 'new');
  await s3Settler(s3.client).mark(object, settlement, signal);

  expect(await inventoryOf(bucket)).toMatchObject([
    { state: 'unsettled', arrival: { versionId: newer.versionId } },
    { state: 'delivered', arrival: { versionId: 'null' } },
  ]);
  expect(await historyOf(bucket, 'k')).toMatchObject([
    [newer.versionId, {}],
    ['null', { 'scan-status': 'clean' }],
  ]);
  expect(await read({ ...arrival, versionId: 'null' })).toBe('old');
});
