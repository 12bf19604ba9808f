import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { afterAll, describe, expect, test } from 'vitest';
import { MIB, openS3, patterned, raw, read, refusal, isForeign } from './support.ts';

const s3 = await openS3();
const { client } = s3;
const Bucket = await s3.bucket();
afterAll(() => s3[Symbol.asyncDispose]());

describe('an object is returned as it was put', () => {
  test.for([0, 1, 65_535, 65_536, MIB - 1, MIB, MIB + 1, 5 * MIB + 3])(
    'from a buffer of %i bytes',
    async (sizeBytes) => {
      const Body = patterned(sizeBytes);
      const md5 = createHash('md5').update(Body).digest('hex');
      const put = await client.send(new PutObjectCommand({ Bucket, Key: 'sized', Body }));
      expect(put.ETag).toBe(`"${md5}"`);
      expect(put.ChecksumCRC32).toBeDefined();
      const got = await client.send(new GetObjectCommand({ Bucket, Key: 'sized' }));
      expect(got.ContentLength).toBe(sizeBytes);
      expect(got.ChecksumCRC32).toBe(put.ChecksumCRC32);
      expect(Body.equals((await got.Body?.transformToByteArray()) ?? Buffer.alloc(0))).toBe(true);
    },
  );

  test('from a stream, whose checksum comes in a trailer and whose framing is not stored', async () => {
    const bytes = patterned(3 * MIB + 17);
    const chunks = [bytes.subarray(0, 5), bytes.subarray(5, MIB), bytes.subarray(MIB)];
    const input = { Bucket, Key: 'streamed', ContentEncoding: 'gzip' };
    await client.send(
      new PutObjectCommand({
        ...input,
        Body: Readable.from(chunks),
        ContentLength: bytes.length,
      }),
    );
    const head = await client.send(new HeadObjectCommand({ Bucket, Key: 'streamed' }));
    expect(head).toMatchObject({ ContentLength: bytes.length, ContentEncoding: 'gzip' });
    expect(await read(client, { Bucket, Key: 'streamed' })).toBe(bytes.toString('latin1'));
  });

  test.for(['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const)(
    'with a %s from the client, which is verified and stored',
    async (algorithm) => {
      const digests = {
        CRC32: 'y/Q5Jg==',
        CRC32C: '4waSgw==',
        CRC64NVME: 'rosUhgp5mIg=',
        SHA1: createHash('sha1').update('123456789').digest('base64'),
        SHA256: createHash('sha256').update('123456789').digest('base64'),
      };
      const checksum = { [`Checksum${algorithm}`]: digests[algorithm] };
      const where = { Bucket, Key: `sum-${algorithm}` };
      await client.send(new PutObjectCommand({ ...where, Body: '123456789', ...checksum }));
      const head = await client.send(new HeadObjectCommand({ ...where, ChecksumMode: 'ENABLED' }));
      expect(head).toMatchObject({ ...checksum, ChecksumType: 'FULL_OBJECT' });
    },
  );
});

test('headers and metadata are stored', async () => {
  const described = {
    CacheControl: 'no-store',
    ContentDisposition: 'attachment; filename="a.txt"',
    ContentLanguage: 'de',
    ContentType: 'text/plain; charset=utf-8',
    Metadata: { uploader: 'someone@s-1', 'with-dash': 'a, b' },
  };
  await client.send(new PutObjectCommand({ Bucket, Key: 'described', Body: 'x', ...described }));
  expect(await client.send(new HeadObjectCommand({ Bucket, Key: 'described' }))).toMatchObject(
    described,
  );
  const overridden = await client.send(
    new GetObjectCommand({ Bucket, Key: 'described', ResponseContentType: 'image/png' }),
  );
  expect(overridden.ContentType).toBe('image/png');
  await overridden.Body?.transformToByteArray();
});

test('metadata over 2 KB is refused', async () => {
  const Metadata = { big: 'x'.repeat(2046) };
  const put = client.send(new PutObjectCommand({ Bucket, Key: 'meta', Body: 'x', Metadata }));
  expect(await refusal(put)).toBe('MetadataTooLarge 400');
});

test('missing keys and buckets have different errors', async () => {
  const missing = { Bucket, Key: 'missing' };
  expect(await refusal(client.send(new GetObjectCommand(missing)))).toBe('NoSuchKey 404');
  expect(await refusal(client.send(new HeadObjectCommand(missing)))).toBe('NotFound 404');
  const nowhere = { Bucket: `${Bucket}-not`, Key: 'x' };
  expect(await refusal(client.send(new GetObjectCommand(nowhere)))).toBe('NoSuchBucket 404');
  expect(await refusal(client.send(new PutObjectCommand({ ...nowhere, Body: 'x' })))).toBe(
    'NoSuchBucket 404',
  );
});

test('deleting is idempotent', async () => {
  const where = { Bucket, Key: 'short-lived' };
  await client.send(new PutObjectCommand({ ...where, Body: 'x' }));
  await client.send(new DeleteObjectCommand(where));
  await client.send(new DeleteObjectCommand(where));
  expect(await refusal(client.send(new GetObjectCommand(where)))).toBe('NoSuchKey 404');
});

test('a reader gets all of the old bytes while the object is overwritten and deleted', async () => {
  const where = { Bucket, Key: 'moving' };
  const old = patterned(24 * MIB);
  await client.send(new PutObjectCommand({ ...where, Body: old }));
  const { Body } = await client.send(new GetObjectCommand(where));
  assert(Body instanceof Readable);
  const iterator: AsyncIterator<Buffer, undefined> = Body[Symbol.asyncIterator]();
  const first = await iterator.next();
  await client.send(new PutObjectCommand({ ...where, Body: 'new' }));
  await client.send(new DeleteObjectCommand(where));
  const chunks: Buffer[] = first.value === undefined ? [] : [first.value];
  for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) {
    chunks.push(next.value);
  }
  expect(Buffer.concat(chunks).equals(old)).toBe(true);
});

test('concurrent puts of one key leave one complete body', async () => {
  const where = { Bucket, Key: 'contended' };
  const bodies = Array.from({ length: 12 }, (_, seed) => patterned(300_000, seed * 3));
  await Promise.all(bodies.map((Body) => client.send(new PutObjectCommand({ ...where, Body }))));
  const text = await read(client, where);
  expect(bodies.some((body) => body.toString('latin1') === text)).toBe(true);
});

function createOnce(Body: string): Promise<string> {
  const put = new PutObjectCommand({ Bucket, Key: 'created-once', Body, IfNoneMatch: '*' });
  return refusal(client.send(put));
}

test('If-None-Match: * lets only the first of many writers create a key', async () => {
  const results = await Promise.all(['a', 'b', 'c', 'd'].map(createOnce));
  expect(results.toSorted()).toEqual([
    'PreconditionFailed 412',
    'PreconditionFailed 412',
    'PreconditionFailed 412',
    'not refused',
  ]);
});

test('If-Match replaces only the object with that ETag', async () => {
  const where = { Bucket, Key: 'replaced' };
  const put = (Body: string, IfMatch: string): Promise<string> =>
    refusal(client.send(new PutObjectCommand({ ...where, Body, IfMatch })));
  expect(await put('x', '"abc"')).toBe('NoSuchKey 404');
  const { ETag = '' } = await client.send(new PutObjectCommand({ ...where, Body: 'one' }));
  expect(await put('two', ETag)).toBe('not refused');
  expect(await put('three', ETag)).toBe('PreconditionFailed 412');
  expect(await read(client, where)).toBe('two');
});

test.skipIf(isForeign)('a refused upload gets its reply, and the next request works', async () => {
  const body = patterned(4 * MIB);
  const headers = { 'content-length': body.length };
  const reply = await raw(s3.endpoint, 'PUT', `/${Bucket}-not/key`, headers, body);
  expect(reply).toMatchObject({ status: 404, code: 'NoSuchBucket' });
  expect(await refusal(client.send(new HeadObjectCommand({ Bucket, Key: 'nope' })))).toBe(
    'NotFound 404',
  );
});
