import type { Tag } from '@aws-sdk/client-s3';
import {
  DeleteObjectTaggingCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
} from '@aws-sdk/client-s3';
import { afterAll, describe, expect, test } from 'vitest';
import { openS3, raw, read, refusal, isForeign } from './support.ts';

const s3 = await openS3();
const { client } = s3;
const Bucket = await s3.bucket({ versioned: true });
const where = { Bucket, Key: 'tagged' };
afterAll(() => s3[Symbol.asyncDispose]());

const { VersionId: oldVersion } = await client.send(
  new PutObjectCommand({ ...where, Body: 'old body' }),
);
await client.send(new PutObjectCommand({ ...where, Body: 'the body', Metadata: { a: 'b' } }));

const putTags = (TagSet: Tag[], VersionId?: string) =>
  client.send(new PutObjectTaggingCommand({ ...where, VersionId, Tagging: { TagSet } }));
const tags = async (VersionId?: string): Promise<Tag[] | undefined> =>
  (await client.send(new GetObjectTaggingCommand({ ...where, VersionId }))).TagSet;

test('putting tags replaces the whole set and never touches the body', async () => {
  const before = await client.send(new HeadObjectCommand(where));
  await putTags([
    { Key: 'scan-status', Value: 'CLEAN' },
    { Key: 'ü @:/=+-._', Value: '' },
  ]);
  expect(await tags()).toEqual([
    { Key: 'scan-status', Value: 'CLEAN' },
    { Key: 'ü @:/=+-._', Value: '' },
  ]);
  await putTags([{ Key: 'other', Value: 'x' }]);
  expect(await tags()).toEqual([{ Key: 'other', Value: 'x' }]);

  expect(await read(client, where)).toBe('the body');
  const after = await client.send(new HeadObjectCommand(where));
  expect(after).toMatchObject({
    ETag: before.ETag,
    VersionId: before.VersionId,
    LastModified: before.LastModified,
    Metadata: { a: 'b' },
  });
});

test('get and head return the number of tags, if there are some', async () => {
  await putTags([
    { Key: 'a', Value: '1' },
    { Key: 'b', Value: '2' },
  ]);
  const got = await client.send(new GetObjectCommand(where));
  await got.Body?.transformToByteArray();
  const head = await client.send(new HeadObjectCommand(where));
  expect([got.TagCount, head.TagCount]).toEqual([2, 2]);
  await client.send(new DeleteObjectTaggingCommand(where));
  expect(await tags()).toEqual([]);
  expect((await client.send(new HeadObjectCommand(where))).TagCount).toBeUndefined();
});

test('each version has its own tags', async () => {
  await putTags([{ Key: 'version', Value: 'old' }], oldVersion);
  await putTags([{ Key: 'version', Value: 'new' }]);
  expect(await tags(oldVersion)).toEqual([{ Key: 'version', Value: 'old' }]);
  expect(await tags()).toEqual([{ Key: 'version', Value: 'new' }]);
});

test('tags may come with the put', async () => {
  const put = { Bucket, Key: 'born-tagged', Body: 'x' };
  await client.send(new PutObjectCommand({ ...put, Tagging: 'a=1&b%20c=d%2Fe&empty=' }));
  const { TagSet } = await client.send(new GetObjectTaggingCommand({ Bucket, Key: 'born-tagged' }));
  expect(TagSet).toEqual([
    { Key: 'a', Value: '1' },
    { Key: 'b c', Value: 'd/e' },
    { Key: 'empty', Value: '' },
  ]);
  expect(await refusal(client.send(new PutObjectCommand({ ...put, Tagging: 'a=1&a=2' })))).toMatch(
    /^Invalid(Argument|Tag) 400$/,
  );
});

describe('an invalid tag set is refused, and the old one stays', () => {
  test.for<[string, Tag[], string]>([
    [
      '11 tags',
      Array.from({ length: 11 }, (_, n) => ({ Key: `k${n}`, Value: '' })),
      'BadRequest 400',
    ],
    ['a key of 129 characters', [{ Key: 'k'.repeat(129), Value: '' }], 'InvalidTag 400'],
    ['a value of 257 characters', [{ Key: 'k', Value: 'v'.repeat(257) }], 'InvalidTag 400'],
    [
      'a key twice',
      [
        { Key: 'k', Value: '1' },
        { Key: 'k', Value: '2' },
      ],
      'InvalidTag 400',
    ],
    ['an empty key', [{ Key: '', Value: 'v' }], 'InvalidTag 400'],
    ['a reserved key', [{ Key: 'aws:k', Value: 'v' }], 'InvalidTag 400'],
    ['a character outside the allowed ones', [{ Key: 'k', Value: 'a;b' }], 'InvalidTag 400'],
  ])('%s', async ([, TagSet, expected]) => {
    await putTags([{ Key: 'stays', Value: '' }]);
    expect(await refusal(putTags(TagSet))).toBe(expected);
    expect(await tags()).toEqual([{ Key: 'stays', Value: '' }]);
  });

  test('10 tags of the maximum length are allowed', async () => {
    const TagSet = Array.from({ length: 10 }, (_, n) => ({
      Key: String(n).repeat(128),
      Value: 'v'.repeat(256),
    }));
    await putTags(TagSet);
    expect(await tags()).toHaveLength(10);
  });

  test.skipIf(isForeign)('a document that is not a tag set', async () => {
    for (const body of [
      '',
      'no xml',
      '<Tagging/>',
      '<Tagging><TagSet><Tag><Key>a</Key></Tag></TagSet></Tagging>',
      '<!DOCTYPE a><Tagging><TagSet/></Tagging>',
    ]) {
      const headers = { 'content-length': Buffer.byteLength(body) };
      const reply = await raw(s3.endpoint, 'PUT', `/${Bucket}/tagged?tagging`, headers, body);
      expect(reply).toMatchObject({ status: 400, code: 'MalformedXML' });
    }
    expect(await read(client, where)).toBe('the body');
  });
});

test('reading the tags of a missing object is NoSuchKey', async () => {
  const missing = new GetObjectTaggingCommand({ Bucket, Key: 'missing' });
  expect(await refusal(client.send(missing))).toBe('NoSuchKey 404');
});
