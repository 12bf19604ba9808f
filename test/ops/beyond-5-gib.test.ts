import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { evidenceMetadata } from '../../shared/commit/evidence.ts';
import { s3Quarantine } from '../../shared/commit/s3-quarantine.ts';
import { settledTags } from '../../shared/inbox/ledger-tags.ts';
import type { PinnedObject } from '../../shared/model/arrival.ts';
import { anObject } from '../support/builders.ts';
import { type Installation, runOps, startInstallation } from '../support/installation.ts';
import { type MagnifyingProxy, startMagnifyingProxy } from '../support/magnifying-proxy.ts';
import { temporaryDirectory, type TemporaryDirectory } from '../support/temporary-directory.ts';

/** 30 MiB that seem to be 5.3 GiB: six parts of up to 1 GiB, which really are S3's least of 5 MiB. */
const FACTOR = 180;
const BYTES = randomBytes(30 * 1024 ** 2);
const PART_BYTES = (BYTES.length / 6) * FACTOR;

const evidence = {
  verdict: 'unscannable',
  finding: 'encrypted',
  sha256: undefined,
  engine: 'ClamAV',
  scannedAt: 0,
} as const;

let installation: Installation;
let proxy: MagnifyingProxy;
let home: TemporaryDirectory;
let quarantineBucket: string;
beforeAll(async () => {
  installation = await startInstallation();
  proxy = await startMagnifyingProxy(installation.s3Endpoint, FACTOR);
  // The same installation, reached through the proxy.
  home = await temporaryDirectory();
  const info = JSON.parse(await readFile(join(installation.home, 'runtime.json'), 'utf8'));
  quarantineBucket = info.resources.QuarantineBucket;
  const endpoints = { ...info.endpoints, s3: proxy.endpoint };
  await writeFile(join(home.path, 'runtime.json'), JSON.stringify({ ...info, endpoints }));
});
afterAll(async () => {
  await home?.[Symbol.asyncDispose]();
  await proxy?.[Symbol.asyncDispose]();
  await installation?.[Symbol.asyncDispose]();
});

async function put(
  bucket: string,
  key: string,
  metadata: Record<string, string>,
): Promise<PinnedObject> {
  const { VersionId, ETag = '' } = await installation.s3.send(
    new PutObjectCommand({
      Bucket: bucket,
      Key: key,
      Body: BYTES,
      ContentType: 'application/zip',
      Metadata: metadata,
    }),
  );
  const etag = ETag.replaceAll('"', '');
  return anObject({ bucket, key, versionId: VersionId, etag, sizeBytes: BYTES.length });
}

async function expectCopiedInParts(Bucket: string, Key: string, copied: readonly number[]) {
  const { s3 } = installation;
  expect(copied).toEqual(Array.from({ length: 6 }, () => PART_BYTES));
  const { Body, ...described } = await s3.send(new GetObjectCommand({ Bucket, Key }));
  expect(Buffer.from((await Body?.transformToByteArray()) ?? []).equals(BYTES)).toBe(true);
  expect(described).toMatchObject({
    ContentType: 'application/zip',
    ETag: expect.stringMatching(/-6"$/),
  });
  expect((await s3.send(new ListMultipartUploadsCommand({ Bucket }))).Uploads ?? []).toEqual([]);
  const { TagSet = [] } = await s3.send(new GetObjectTaggingCommand({ Bucket, Key }));
  return { metadata: described.Metadata, tags: TagSet };
}

test('a file of more than 5 GiB is quarantined with its evidence', async () => {
  const object = await put(installation.inboxBucket, 'huge.zip', { from: 'partner' });
  const through = new S3Client({
    region: 'eu-central-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    endpoint: proxy.endpoint,
  });
  const before = proxy.copiedBytes.length;
  const pinned = { ...object, sizeBytes: BYTES.length * FACTOR, contentType: 'application/zip' };
  await s3Quarantine(through, quarantineBucket).keep(pinned, evidence, AbortSignal.timeout(9_000));
  through.destroy();

  const copied = proxy.copiedBytes.slice(before);
  const { metadata, tags } = await expectCopiedInParts(quarantineBucket, 'huge.zip', copied);
  expect(metadata).toMatchObject({ 'airlock-verdict': 'unscannable' });
  expect(tags).toEqual([{ Key: 'scan-status', Value: 'unscannable' }]);
});

test('`quarantine release` copies a file of more than 5 GiB back, as its sender uploaded it', async () => {
  const object = anObject({ metadata: { 'user-agent-id': 'acme@s-1' } });
  await put(quarantineBucket, 'held.zip', evidenceMetadata(object, evidence));
  const before = proxy.copiedBytes.length;

  const run = await runOps(home.path, ['quarantine', 'release', 'held.zip', '--yes', '--json']);

  expect(run).toMatchObject({ code: 0 });
  expect(JSON.parse(run.stdout)).toMatchObject({ sizeBytes: BYTES.length * FACTOR });
  const copied = proxy.copiedBytes.slice(before);
  const { metadata, tags } = await expectCopiedInParts(
    installation.inboxBucket,
    'held.zip',
    copied,
  );
  expect(metadata).toEqual({
    'user-agent-id': 'acme@s-1',
    'airlock-released-version': expect.any(String),
  });
  expect(tags).toEqual([]);
});

test('`inbox redeliver` delivers a file of more than 5 GiB again', async () => {
  const { s3, inboxBucket } = installation;
  const object = await put(inboxBucket, 'acme/big ü.zip', { 'user-agent-id': 'acme@s-1' });
  const { key, versionId = '' } = object;
  const settlement = { status: 'clean', engine: 'ClamAV', settledAt: 0 } as const;
  const marks = Object.entries(settledTags(object, settlement));
  await s3.send(
    new PutObjectTaggingCommand({
      Bucket: inboxBucket,
      Key: key,
      Tagging: { TagSet: marks.map(([Key, Value]) => ({ Key, Value })) },
    }),
  );
  const before = proxy.copiedBytes.length;

  const run = await runOps(home.path, ['inbox', 'redeliver', '--prefix', 'acme/']);

  expect(run).toMatchObject({ code: 0, stdout: expect.stringContaining('1 of 1') });
  const copied = proxy.copiedBytes.slice(before);
  const { metadata, tags } = await expectCopiedInParts(inboxBucket, key, copied);
  expect(metadata).toEqual({ 'user-agent-id': 'acme@s-1', 'airlock-repeats-version': versionId });
  expect(tags).toEqual([]);
  const head = await s3.send(new HeadObjectCommand({ Bucket: inboxBucket, Key: key }));
  expect(head.VersionId).not.toBe(versionId);
});
