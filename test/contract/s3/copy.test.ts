import { createHash } from 'node:crypto';
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { afterAll, describe, expect, test } from 'vitest';
import { openS3, read, refusal } from './support.ts';

const s3 = await openS3();
const { client } = s3;
const Bucket = await s3.bucket({ versioned: true });
const plain = await s3.bucket();
afterAll(() => s3[Symbol.asyncDispose]());

const described = { ContentType: 'text/plain', Metadata: { a: 'b' }, Tagging: 'k=v' };
const first = await client.send(
  new PutObjectCommand({ Bucket, Key: 'source', Body: 'one', ...described }),
);
const second = await client.send(
  new PutObjectCommand({ Bucket, Key: 'source', Body: 'two', ...described }),
);

const tagsOf = async (Key: string): Promise<unknown> =>
  (await client.send(new GetObjectTaggingCommand({ Bucket, Key }))).TagSet;

test('a copy has the bytes, the metadata and the tags of its source', async () => {
  const copied = await client.send(
    new CopyObjectCommand({ Bucket, Key: 'copy', CopySource: `${Bucket}/source` }),
  );
  expect(copied.CopyObjectResult?.ETag).toBe(second.ETag);
  expect(copied.CopySourceVersionId).toBe(second.VersionId);
  expect(await read(client, { Bucket, Key: 'copy' })).toBe('two');
  const head = await client.send(new HeadObjectCommand({ Bucket, Key: 'copy' }));
  expect(head).toMatchObject({ ContentType: 'text/plain', Metadata: { a: 'b' } });
  expect(await tagsOf('copy')).toEqual([{ Key: 'k', Value: 'v' }]);
});

test('a copy may take an older version, and may go to another bucket', async () => {
  const CopySource = `/${Bucket}/source?versionId=${first.VersionId}`;
  const copied = await client.send(
    new CopyObjectCommand({ Bucket: plain, Key: 'old', CopySource }),
  );
  expect(copied.CopySourceVersionId).toBe(first.VersionId);
  expect(copied.VersionId).toBeUndefined();
  expect(await read(client, { Bucket: plain, Key: 'old' })).toBe('one');
});

test('a copy outlives its source', async () => {
  await client.send(new PutObjectCommand({ Bucket: plain, Key: 'parent', Body: 'shared' }));
  const CopySource = `${plain}/parent`;
  await client.send(new CopyObjectCommand({ Bucket: plain, Key: 'child', CopySource }));
  await client.send(new DeleteObjectCommand({ Bucket: plain, Key: 'parent' }));
  expect(await read(client, { Bucket: plain, Key: 'child' })).toBe('shared');
});

test('metadata and tags can be replaced separately', async () => {
  const copy = { Bucket, Key: 'replaced', CopySource: `${Bucket}/source` };
  await client.send(
    new CopyObjectCommand({ ...copy, MetadataDirective: 'REPLACE', Metadata: { c: 'd' } }),
  );
  const head = await client.send(new HeadObjectCommand({ Bucket, Key: 'replaced' }));
  expect(head.Metadata).toEqual({ c: 'd' });
  expect(await tagsOf('replaced')).toEqual([{ Key: 'k', Value: 'v' }]);
  await client.send(
    new CopyObjectCommand({ ...copy, TaggingDirective: 'REPLACE', Tagging: 'e=f' }),
  );
  expect(await tagsOf('replaced')).toEqual([{ Key: 'e', Value: 'f' }]);
});

test('a copy onto itself must change something', async () => {
  const self = { Bucket: plain, Key: 'self', CopySource: `${plain}/self` };
  await client.send(new PutObjectCommand({ Bucket: plain, Key: 'self', Body: 'self' }));
  expect(await refusal(client.send(new CopyObjectCommand(self)))).toBe('InvalidRequest 400');
  const changed = new CopyObjectCommand({
    ...self,
    MetadataDirective: 'REPLACE',
    Metadata: { now: 'here' },
  });
  await client.send(changed);
  const head = await client.send(new HeadObjectCommand({ Bucket: plain, Key: 'self' }));
  expect(head.Metadata).toEqual({ now: 'here' });
  expect(await read(client, { Bucket: plain, Key: 'self' })).toBe('self');
});

test('an older version copied onto its key is restored', async () => {
  const where = { Bucket, Key: 'restored' };
  const old = await client.send(new PutObjectCommand({ ...where, Body: 'old' }));
  await client.send(new PutObjectCommand({ ...where, Body: 'new' }));
  const CopySource = `${Bucket}/restored?versionId=${old.VersionId}`;
  await client.send(new CopyObjectCommand({ ...where, CopySource }));
  expect(await read(client, where)).toBe('old');
});

function copyIf(conditions: object): Promise<string> {
  const copy = { Bucket, Key: 'conditional', CopySource: `${Bucket}/source`, ...conditions };
  return refusal(client.send(new CopyObjectCommand(copy)));
}

describe('conditions on the source', () => {
  test('If-Match', async () => {
    expect(await copyIf({ CopySourceIfMatch: first.ETag })).toBe('PreconditionFailed 412');
    expect(await copyIf({ CopySourceIfMatch: second.ETag })).toBe('not refused');
  });

  test('If-None-Match', async () => {
    expect(await copyIf({ CopySourceIfNoneMatch: second.ETag })).toBe('PreconditionFailed 412');
    expect(await copyIf({ CopySourceIfNoneMatch: first.ETag })).toBe('not refused');
  });

  test('dates', async () => {
    const future = new Date(Date.now() + 3_600_000);
    const past = new Date(Date.now() - 3_600_000);
    expect(await copyIf({ CopySourceIfModifiedSince: future })).toBe('PreconditionFailed 412');
    expect(await copyIf({ CopySourceIfUnmodifiedSince: past })).toBe('PreconditionFailed 412');
    expect(await copyIf({ CopySourceIfModifiedSince: past })).toBe('not refused');
  });
});

test('a source that is missing or deleted is NoSuchKey', async () => {
  const copy = (source: string): Promise<string> =>
    refusal(
      client.send(new CopyObjectCommand({ Bucket, Key: 'x', CopySource: `${Bucket}/${source}` })),
    );
  expect(await copy('missing')).toBe('NoSuchKey 404');
  await client.send(new PutObjectCommand({ Bucket, Key: 'deleted', Body: 'x' }));
  await client.send(new DeleteObjectCommand({ Bucket, Key: 'deleted' }));
  expect(await copy('deleted')).toBe('NoSuchKey 404');
});

test('a copy source is percent-decoded exactly once', async () => {
  const Key = 'dir/a b+c%2Fü?x=1';
  await client.send(new PutObjectCommand({ Bucket, Key, Body: 'odd' }));
  const CopySource = `${Bucket}/${encodeURIComponent(Key)}`;
  await client.send(new CopyObjectCommand({ Bucket, Key: 'decoded', CopySource }));
  expect(await read(client, { Bucket, Key: 'decoded' })).toBe('odd');
});

test('the copy of a multipart object is a single part: its ETag is the MD5 of the bytes', async () => {
  const where = { Bucket, Key: 'multipart' };
  const { UploadId } = await client.send(new CreateMultipartUploadCommand(where));
  const { ETag } = await client.send(
    new UploadPartCommand({ ...where, UploadId, PartNumber: 1, Body: 'bytes' }),
  );
  const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
  await client.send(new CompleteMultipartUploadCommand({ ...where, UploadId, MultipartUpload }));
  const { CopyObjectResult } = await client.send(
    new CopyObjectCommand({ Bucket, Key: 'single', CopySource: `${Bucket}/multipart` }),
  );
  expect(CopyObjectResult?.ETag).toBe(`"${createHash('md5').update('bytes').digest('hex')}"`);
});
