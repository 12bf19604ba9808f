import {
  DeleteObjectCommand,
  GetObjectTaggingCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startS3, type S3StandIn } from '../../local/s3/server.ts';
import type { PinnedObject } from '../../shared/model/arrival.ts';
import type { Search } from '../../shared/inbox/inventory.ts';
import { s3Inventory } from '../../shared/inbox/s3-inventory.ts';
import { s3Settler } from '../../shared/inbox/s3-settler.ts';
import { anObject } from '../support/builders.ts';
import { temporaryDirectory, type TemporaryDirectory } from '../support/temporary-directory.ts';

let directory: TemporaryDirectory;
let standIn: S3StandIn;
let s3: S3Client;
const signal = new AbortController().signal;
const everything = { arrivedBefore: Number.MAX_SAFE_INTEGER, includeRefused: true };

beforeAll(async () => {
  directory = await temporaryDirectory();
  standIn = await startS3({
    root: directory.path,
    region: 'eu-central-1',
    accountId: '000000000000',
    emit() {},
  });
  s3 = new S3Client({
    endpoint: standIn.endpoint,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
  });
});
afterAll(async () => {
  s3?.destroy();
  await standIn?.[Symbol.asyncDispose]();
  await directory?.[Symbol.asyncDispose]();
});

async function bucketOf(keys: readonly string[], name: string): Promise<PinnedObject[]> {
  standIn.ensureBucket(name, { versioned: true, eventBridge: false });
  return await Promise.all(
    keys.map(async (key) => {
      const { VersionId, ETag = '' } = await s3.send(
        new PutObjectCommand({ Bucket: name, Key: key, Body: key }),
      );
      return anObject({ bucket: name, key, versionId: VersionId, etag: ETag.replaceAll('"', '') });
    }),
  );
}

async function unsettled(bucket: string, search: Search = everything): Promise<string[]> {
  const keys: string[] = [];
  for await (const { arrival, state } of s3Inventory(s3).survey(bucket, search, signal)) {
    if (state === 'unsettled') keys.push(arrival.key);
  }
  return keys;
}

test('uploads that are not settled are unsettled, and those alone', async () => {
  const [settled] = await bucketOf(['settled', 'waiting'], 'settled-or-not');
  const settlement = { status: 'clean', engine: 'ClamAV', settledAt: 0 } as const;
  await s3Settler(s3).mark(settled ?? anObject(), settlement, signal);
  expect(await unsettled('settled-or-not')).toEqual(['waiting']);
});

test('what was dead-lettered is left to people, unless the search includes it', async () => {
  const [refused] = await bucketOf(['refused', 'waiting'], 'refused-or-not');
  await s3Settler(s3).refuse(refused ?? anObject(), signal);
  expect(await unsettled('refused-or-not', { ...everything, includeRefused: false })).toEqual([
    'waiting',
  ]);
  expect(await unsettled('refused-or-not')).toEqual(['refused', 'waiting']);
});

test("marking as refused keeps the sender's tags, and a later delivery replaces the mark", async () => {
  const [object] = await bucketOf(['a'], 'refused-then-delivered');
  const refused = object ?? anObject();
  const tags = async () => {
    const command = new GetObjectTaggingCommand({ Bucket: refused.bucket, Key: 'a' });
    const { TagSet = [] } = await s3.send(command);
    return Object.fromEntries(TagSet.map(({ Key, Value }) => [Key, Value]));
  };
  const settler = s3Settler(s3);
  await settler.refuse(refused, signal);
  const marked = await tags();
  expect(marked).toHaveProperty('scan-refused');
  await settler.mark(
    { ...refused, tags: { ...marked, project: 'moon' } as Record<string, string> },
    { status: 'clean', engine: 'ClamAV', settledAt: 0 },
    signal,
  );
  expect(await tags()).not.toHaveProperty('scan-refused');
  expect(await tags()).toMatchObject({ project: 'moon', 'scan-status': 'clean' });
});

test('what arrived a moment ago does not count as unsettled', async () => {
  await bucketOf(['young'], 'young');
  const search = { ...everything, arrivedBefore: Date.now() - 60_000 };
  expect(await unsettled('young', search)).toEqual([]);
});

test('each upload of a key needs an outcome, also under a newer one or a deletion', async () => {
  await bucketOf(['twice'], 'hidden');
  await bucketOf(['twice', 'deleted'], 'hidden');
  await s3.send(new DeleteObjectCommand({ Bucket: 'hidden', Key: 'deleted' }));
  expect(await unsettled('hidden')).toEqual(['deleted', 'twice', 'twice']);
});

test('a bucket of more than one page is listed to the end', async () => {
  const keys = Array.from({ length: 1203 }, (_, index) => `key-${String(index).padStart(5, '0')}`);
  await bucketOf(keys, 'paged');
  expect(await unsettled('paged')).toEqual(keys);
});
