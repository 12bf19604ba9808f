import {
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { copyObject } from '../../shared/s3/copy-object.ts';
import { createClient, MIB, openS3, patterned, read, type S3UnderTest } from './s3/support.ts';

let s3: S3UnderTest;
let bucket: string;
beforeAll(async () => {
  s3 = await openS3();
  bucket = await s3.bucket({ versioned: true });
});
afterAll(() => s3[Symbol.asyncDispose]());

const KEY = 'acme/ü 1+1?.csv';
/** Whatever is larger than one byte is copied in parts. */
const inParts = { maxSingleBytes: 1, maxPartBytes: 6 * MIB };

async function put(Bucket: string, Body: Buffer) {
  const { VersionId, ETag = '' } = await s3.client.send(
    new PutObjectCommand({
      Bucket,
      Key: KEY,
      Body,
      Metadata: { from: 'source' },
      ContentType: 'text/csv',
      Tagging: 'from=source',
    }),
  );
  const etag = ETag.replaceAll('"', '');
  return { bucket: Bucket, key: KEY, versionId: VersionId, etag, sizeBytes: Body.length };
}

const target = (key: string) => ({
  bucket,
  key,
  metadata: { from: 'caller' },
  contentType: 'text/plain',
  tags: { 'scan status': 'a+b' },
});

const unfinished = async () =>
  (await s3.client.send(new ListMultipartUploadsCommand({ Bucket: bucket }))).Uploads ?? [];

describe.each([
  ['in one request', {}, ''],
  ['in parts', inParts, '-2'],
])('an object that is copied %s', (name, limits, suffix) => {
  test('is the version that was named, described as the caller says', async () => {
    const bytes = patterned(11 * MIB + 1);
    const source = await put(bucket, bytes);
    await put(bucket, Buffer.from('newer'));
    await copyObject(s3.client, source, target(name), limits);

    const at = { Bucket: bucket, Key: name };
    expect((await read(s3.client, at)) === bytes.toString('latin1')).toBe(true);
    const head = await s3.client.send(new HeadObjectCommand(at));
    expect(head).toMatchObject({ Metadata: { from: 'caller' }, ContentType: 'text/plain' });
    expect(head.ETag).toMatch(new RegExp(`^"[0-9a-f]{32}${suffix}"$`));
    const { TagSet } = await s3.client.send(new GetObjectTaggingCommand(at));
    expect(TagSet).toEqual([{ Key: 'scan status', Value: 'a+b' }]);
  });

  test('has no tags of its source', async () => {
    const source = await put(bucket, patterned(100));
    await copyObject(s3.client, source, { ...target(name), tags: {} }, limits);
    const { TagSet } = await s3.client.send(
      new GetObjectTaggingCommand({ Bucket: bucket, Key: name }),
    );
    expect(TagSet).toEqual([]);
  });

  test('can be copied onto itself', async () => {
    const source = await put(bucket, patterned(100));
    await copyObject(s3.client, source, target(KEY), limits);
    const head = await s3.client.send(new HeadObjectCommand({ Bucket: bucket, Key: KEY }));
    expect(head.Metadata).toEqual({ from: 'caller' });
    expect(head.VersionId).not.toBe(source.versionId);
  });

  test('without versioning is not copied when another has replaced it', async () => {
    const unversioned = await s3.bucket({ versioned: false });
    const source = await put(unversioned, patterned(100));
    await put(unversioned, patterned(100, 1));
    const copying = copyObject(s3.client, source, target(`replaced ${name}`), limits);
    await expect(copying).rejects.toMatchObject({ $metadata: { httpStatusCode: 412 } });
    const head = new HeadObjectCommand({ Bucket: bucket, Key: `replaced ${name}` });
    await expect(s3.client.send(head)).rejects.toThrow(/NotFound|Unknown/);
    expect(await unfinished()).toEqual([]);
  });
});

test('a copy in parts that is interrupted leaves neither an object nor an upload', async () => {
  const source = await put(bucket, patterned(12 * MIB));
  const interruption = new AbortController();
  const client = createClient(s3.endpoint);
  client.middlewareStack.add(
    (next) => async (args) => {
      if ('PartNumber' in args.input && args.input.PartNumber === 2) interruption.abort();
      return await next(args);
    },
    { step: 'initialize' },
  );
  const { signal } = interruption;
  const copying = copyObject(client, source, target('interrupted'), { ...inParts, signal });
  await expect(copying).rejects.toThrow('abort');
  client.destroy();
  const head = new HeadObjectCommand({ Bucket: bucket, Key: 'interrupted' });
  await expect(s3.client.send(head)).rejects.toThrow(/NotFound|Unknown/);
  expect(await unfinished()).toEqual([]);
});
