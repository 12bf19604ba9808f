import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  ListObjectsV2Command,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { afterAll, describe, expect, test } from 'vitest';
import { openS3, raw, read, refusal, isForeign } from './support.ts';

const s3 = await openS3();
const { client } = s3;
const Bucket = await s3.bucket({ versioned: true });
afterAll(() => s3[Symbol.asyncDispose]());

async function put(Key: string, Body: string, bucket = Bucket): Promise<string | undefined> {
  const reply = await client.send(new PutObjectCommand({ Bucket: bucket, Key, Body }));
  return reply.VersionId;
}

test('each put is a version that stays readable', async () => {
  const one = await put('kept', 'one');
  const two = await put('kept', 'two');
  expect(one).not.toBe(two);
  expect(await read(client, { Bucket, Key: 'kept' })).toBe('two');
  expect(await read(client, { Bucket, Key: 'kept', VersionId: one })).toBe('one');
  const head = await client.send(new HeadObjectCommand({ Bucket, Key: 'kept' }));
  expect(head.VersionId).toBe(two);
});

describe('a delete marker', () => {
  test('hides the object until the marker is deleted', async () => {
    const where = { Bucket, Key: 'hidden' };
    const version = await put('hidden', 'here');
    const marker = await client.send(new DeleteObjectCommand(where));
    expect(marker.DeleteMarker).toBe(true);
    expect(await refusal(client.send(new GetObjectCommand(where)))).toBe('NoSuchKey 404');
    expect(await read(client, { ...where, VersionId: version })).toBe('here');
    const listed = await client.send(new ListObjectsV2Command({ Bucket, Prefix: 'hidden' }));
    expect(listed.KeyCount).toBe(0);

    const VersionId = marker.VersionId;
    const unmarked = await client.send(new DeleteObjectCommand({ ...where, VersionId }));
    expect(unmarked).toMatchObject({ DeleteMarker: true, VersionId });
    expect(await read(client, where)).toBe('here');
  });

  test('cannot be read', async () => {
    await put('marked', 'x');
    const { VersionId } = await client.send(new DeleteObjectCommand({ Bucket, Key: 'marked' }));
    const get = client.send(new GetObjectCommand({ Bucket, Key: 'marked', VersionId }));
    expect(await refusal(get)).toBe('MethodNotAllowed 405');
  });

  test.skipIf(isForeign)('is in the headers of the 404', async () => {
    const reply = await raw(s3.endpoint, 'GET', `/${Bucket}/marked`);
    expect(reply).toMatchObject({ status: 404, headers: { 'x-amz-delete-marker': 'true' } });
  });

  test('allows a conditional create', async () => {
    await put('again', 'x');
    await client.send(new DeleteObjectCommand({ Bucket, Key: 'again' }));
    const create = new PutObjectCommand({ Bucket, Key: 'again', Body: 'y', IfNoneMatch: '*' });
    await client.send(create);
    expect(await read(client, { Bucket, Key: 'again' })).toBe('y');
  });
});

test('deleting the newest version makes the previous one current', async () => {
  await put('back', 'one');
  const VersionId = await put('back', 'two');
  await client.send(new DeleteObjectCommand({ Bucket, Key: 'back', VersionId }));
  expect(await read(client, { Bucket, Key: 'back' })).toBe('one');
  const gone = client.send(new GetObjectCommand({ Bucket, Key: 'back', VersionId }));
  expect(await refusal(gone)).toBe('NoSuchVersion 404');
});

test('deleting an older version leaves the newest', async () => {
  const VersionId = await put('older', 'one');
  await put('older', 'two');
  await client.send(new DeleteObjectCommand({ Bucket, Key: 'older', VersionId }));
  expect(await read(client, { Bucket, Key: 'older' })).toBe('two');
});

test('If-Match deletes only the object with that ETag', async () => {
  const where = { Bucket, Key: 'guarded' };
  await put('guarded', 'one');
  const { ETag } = await client.send(new HeadObjectCommand(where));
  await put('guarded', 'two');
  const stale = client.send(new DeleteObjectCommand({ ...where, IfMatch: ETag }));
  expect(await refusal(stale)).toBe('PreconditionFailed 412');
  expect(await read(client, where)).toBe('two');
  const current = await client.send(new HeadObjectCommand(where));
  await client.send(new DeleteObjectCommand({ ...where, IfMatch: current.ETag }));
  expect(await refusal(client.send(new HeadObjectCommand(where)))).toBe('NotFound 404');
});

test('DeleteObjects deletes keys and versions, and reports the errors', async () => {
  const version = await put('many/1', 'old');
  await put('many/1', 'new');
  await put('many/2', 'x');
  const { Deleted = [], Errors = [] } = await client.send(
    new DeleteObjectsCommand({
      Bucket,
      Delete: {
        Objects: [
          { Key: 'many/1', VersionId: version },
          { Key: 'many/2', ETag: '"0123"' },
          { Key: 'many/ <&>"\'' },
        ],
      },
    }),
  );
  expect(Deleted).toMatchObject([
    { Key: 'many/1', VersionId: version },
    { Key: 'many/ <&>"\'', DeleteMarker: true, DeleteMarkerVersionId: expect.any(String) },
  ]);
  expect(Errors).toMatchObject([{ Key: 'many/2', Code: 'PreconditionFailed' }]);
  expect(await read(client, { Bucket, Key: 'many/1' })).toBe('new');
});

test('a quiet DeleteObjects reports no successes', async () => {
  await put('quiet', 'x');
  const Delete = { Quiet: true, Objects: [{ Key: 'quiet' }] };
  const reply = await client.send(new DeleteObjectsCommand({ Bucket, Delete }));
  expect(reply.Deleted).toBeUndefined();
  expect(await refusal(client.send(new HeadObjectCommand({ Bucket, Key: 'quiet' })))).toBe(
    'NotFound 404',
  );
});

test.skipIf(isForeign)('DeleteObjects needs a checksum of its body', async () => {
  const body = '<Delete><Object><Key>kept</Key></Object></Delete>';
  const headers = { 'content-length': body.length };
  const reply = await raw(s3.endpoint, 'POST', `/${Bucket}?delete`, headers, body);
  expect(reply).toMatchObject({ status: 400, code: 'InvalidRequest' });
});

describe('ListObjectVersions', () => {
  test('lists versions and markers of each key, newest first, page by page', async () => {
    const bucket = await s3.bucket({ versioned: true });
    const ids: (string | undefined)[] = [];
    for (const Key of ['a', 'b', 'a', 'c/1', 'c/2']) ids.push(await put(Key, 'x', bucket));
    const marker = await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'a' }));
    const expected = [
      ['a', marker.VersionId, true],
      ['a', ids[2], false],
      ['a', ids[0], false],
      ['b', ids[1], true],
      ['c/1', ids[3], true],
      ['c/2', ids[4], true],
    ];
    for (const MaxKeys of [1, 2, 1000]) {
      const seen: unknown[] = [];
      let next: { KeyMarker?: string | undefined; VersionIdMarker?: string | undefined } = {};
      for (let isTruncated = true; isTruncated;) {
        const page = await client.send(
          new ListObjectVersionsCommand({ Bucket: bucket, MaxKeys, ...next }),
        );
        const rows = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])];
        expect(rows.length).toBeLessThanOrEqual(MaxKeys);
        seen.push(...rows.map((row) => [row.Key, row.VersionId, row.IsLatest]));
        next = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker };
        isTruncated = page.IsTruncated === true;
      }
      expect(new Set(seen.map(String))).toEqual(new Set(expected.map(String)));
      expect(seen.length).toBe(expected.length);
    }

    const grouped = await client.send(
      new ListObjectVersionsCommand({ Bucket: bucket, Delimiter: '/', KeyMarker: 'a' }),
    );
    expect(grouped.Versions?.map(({ Key }) => Key)).toEqual(['b']);
    expect(grouped.CommonPrefixes).toEqual([{ Prefix: 'c/' }]);
  });
});

test('while versioning is suspended a put replaces the null version and nothing else', async () => {
  const bucket = await s3.bucket({ versioned: true });
  const where = { Bucket: bucket, Key: 'k' };
  const versioned = await put('k', 'versioned', bucket);
  const VersioningConfiguration = { Status: 'Suspended' as const };
  await client.send(new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration }));
  await put('k', 'null one', bucket);
  await put('k', 'null two', bucket);
  const { Versions = [] } = await client.send(new ListObjectVersionsCommand({ Bucket: bucket }));
  expect(Versions.map(({ VersionId }) => VersionId)).toEqual(['null', versioned]);
  expect(await read(client, { ...where, VersionId: 'null' })).toBe('null two');
  const deleted = await client.send(new DeleteObjectCommand(where));
  expect(deleted).toMatchObject({ DeleteMarker: true, VersionId: 'null' });
  expect(await read(client, { ...where, VersionId: versioned })).toBe('versioned');
});
