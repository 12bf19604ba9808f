import { GetObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import type { GetObjectCommandInput } from '@aws-sdk/client-s3';
import { afterAll, describe, expect, test } from 'vitest';
import { openS3, raw, refusal, isForeign } from './support.ts';

const s3 = await openS3();
const { client } = s3;
const Bucket = await s3.bucket();
afterAll(() => s3[Symbol.asyncDispose]());

const where = { Bucket, Key: 'digits' };
const { ETag = '' } = await client.send(new PutObjectCommand({ ...where, Body: '0123456789' }));
await client.send(new PutObjectCommand({ Bucket, Key: 'empty', Body: Buffer.alloc(0) }));
const { LastModified = new Date() } = await client.send(new HeadObjectCommand(where));
const earlier = new Date(LastModified.getTime() - 60_000);
const later = new Date(LastModified.getTime() + 60_000);

describe('conditions', () => {
  test.for<[string, Partial<GetObjectCommandInput>, string]>([
    ['If-Match holds', { IfMatch: ETag }, 'not refused'],
    ['If-Match holds without quotes', { IfMatch: ETag.replaceAll('"', '') }, 'not refused'],
    ['If-Match holds for any', { IfMatch: '*' }, 'not refused'],
    ['If-Match holds in a list', { IfMatch: `"a", ${ETag}` }, 'not refused'],
    ['If-Match fails', { IfMatch: '"0123"' }, '412'],
    ['If-None-Match fails', { IfNoneMatch: ETag }, '304'],
    ['If-None-Match holds', { IfNoneMatch: '"0123"' }, 'not refused'],
    ['If-Modified-Since fails', { IfModifiedSince: LastModified }, '304'],
    ['If-Modified-Since holds', { IfModifiedSince: earlier }, 'not refused'],
    ['If-Unmodified-Since fails', { IfUnmodifiedSince: earlier }, '412'],
    ['If-Unmodified-Since holds', { IfUnmodifiedSince: later }, 'not refused'],
    [
      'If-Match overrides If-Unmodified-Since',
      { IfMatch: ETag, IfUnmodifiedSince: earlier },
      'not refused',
    ],
    [
      'If-None-Match overrides If-Modified-Since',
      { IfNoneMatch: '"0"', IfModifiedSince: later },
      'not refused',
    ],
  ])('%s', async ([, condition, expected]) => {
    const get = await refusal(client.send(new GetObjectCommand({ ...where, ...condition })));
    const head = await refusal(client.send(new HeadObjectCommand({ ...where, ...condition })));
    expect([get, head]).toEqual([
      expect.stringContaining(expected),
      expect.stringContaining(expected),
    ]);
  });
});

describe('ranges', () => {
  test.for([
    ['bytes=0-0', '0', '0-0'],
    ['bytes=2-5', '2345', '2-5'],
    ['bytes=7-', '789', '7-9'],
    ['bytes=-3', '789', '7-9'],
    ['bytes=-99', '0123456789', '0-9'],
    ['bytes=8-99', '89', '8-9'],
  ] as const)('%s', async ([Range, expected, contentRange]) => {
    const got = await client.send(new GetObjectCommand({ ...where, Range }));
    expect(got.$metadata.httpStatusCode).toBe(206);
    expect(got.ContentRange).toBe(`bytes ${contentRange}/10`);
    expect(got.ContentLength).toBe(expected.length);
    expect(await got.Body?.transformToString()).toBe(expected);
  });

  test.for(['bytes=5-2', 'bytes=a-b', 'lines=0-1', 'bytes=-'])(
    '%s is not a range, and the whole object is sent',
    async (Range) => {
      const got = await client.send(new GetObjectCommand({ ...where, Range }));
      expect(got.$metadata.httpStatusCode).toBe(200);
      expect(await got.Body?.transformToString()).toBe('0123456789');
    },
  );

  test.for([
    ['digits', 'bytes=10-'],
    ['digits', 'bytes=-0'],
    ['empty', 'bytes=0-'],
    ['empty', 'bytes=-1'],
  ] as const)('of %s %s is not satisfiable', async ([Key, Range]) => {
    const get = client.send(new GetObjectCommand({ Bucket, Key, Range }));
    expect(await refusal(get)).toBe('InvalidRange 416');
  });

  test('HEAD answers a range as GET does', async () => {
    const head = await client.send(new HeadObjectCommand({ ...where, Range: 'bytes=2-5' }));
    expect(head).toMatchObject({ ContentLength: 4, ContentRange: 'bytes 2-5/10' });
  });
});

test.skipIf(isForeign)('an error has a document on GET, and only a status on HEAD', async () => {
  const get = await raw(s3.endpoint, 'GET', `/${Bucket}/missing`);
  expect(get).toMatchObject({ status: 404, code: 'NoSuchKey' });
  expect(get.text).toContain('<Key>missing</Key>');
  expect(get.text).toContain(`<RequestId>${String(get.headers['x-amz-request-id'])}</RequestId>`);
  expect(get.headers).toMatchObject({
    'content-type': 'application/xml',
    'x-amz-id-2': expect.any(String),
    date: expect.any(String),
    server: 'AmazonS3',
  });
  const head = await raw(s3.endpoint, 'HEAD', `/${Bucket}/missing`);
  expect(head).toMatchObject({ status: 404, text: '' });
});
