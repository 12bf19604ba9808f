import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { afterAll, describe, expect, test } from 'vitest';
import type { RawReply } from './support.ts';
import { MIB, openS3, patterned, raw, read, refusal, isForeign } from './support.ts';

const s3 = await openS3();
const { client } = s3;
const Bucket = await s3.bucket();
afterAll(() => s3[Symbol.asyncDispose]());

const BODY = patterned(200_000);
const CRC32 = base64Crc(BODY);

function base64Crc(bytes: Buffer): string {
  const digest = Buffer.alloc(4);
  digest.writeUInt32BE(crc32(bytes));
  return digest.toString('base64');
}

async function isStored(Key: string): Promise<boolean> {
  return (await refusal(client.send(new HeadObjectCommand({ Bucket, Key })))) === 'not refused';
}

/** The result of a put with these headers. If refused, it must not be stored. */
async function putWith(input: Record<string, string>): Promise<string> {
  const put = new PutObjectCommand({ Bucket, Key: 'bad', Body: '123456789', ...input });
  const result = await refusal(client.send(put));
  return (await isStored('bad')) ? `${result}, but stored` : result;
}

describe('a header that does not match the body', () => {
  test.for([
    ['Content-MD5', { ContentMD5: createHash('md5').update('other').digest('base64') }],
    ['CRC32', { ChecksumCRC32: 'AAAAAA==' }],
    ['CRC32C', { ChecksumCRC32C: 'AAAAAA==' }],
    ['CRC64NVME', { ChecksumCRC64NVME: 'AAAAAAAAAAA=' }],
    ['SHA-1', { ChecksumSHA1: createHash('sha1').update('other').digest('base64') }],
    ['SHA-256', { ChecksumSHA256: createHash('sha256').update('other').digest('base64') }],
  ] as const)('a wrong %s is a BadDigest', async ([, input]) => {
    expect(await putWith(input)).toBe('BadDigest 400');
  });

  test('a malformed Content-MD5 is an InvalidDigest', async () => {
    expect(await putWith({ ContentMD5: 'bm9wZQ==' })).toBe('InvalidDigest 400');
  });

  test('a malformed checksum is an InvalidRequest', async () => {
    expect(await putWith({ ChecksumCRC32: 'bm9wZQ' })).toBe('InvalidRequest 400');
  });
});

const TRAILED = {
  'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
  'x-amz-trailer': 'x-amz-checksum-crc32',
};

/** A body framed by hand, so that it can be framed wrongly. */
async function putFramed(
  key: string,
  framed: string | Buffer,
  headers: Record<string, string | number> = TRAILED,
): Promise<RawReply> {
  const common = {
    'content-encoding': 'aws-chunked',
    'x-amz-decoded-content-length': 9,
    'content-length': framed.length,
  };
  return raw(s3.endpoint, 'PUT', `/${Bucket}/${key}`, { ...common, ...headers }, framed);
}

const TRAILER = 'x-amz-checksum-crc32:y/Q5Jg==\r\n\r\n'; // of "123456789"

describe('an aws-chunked body', () => {
  test.skipIf(isForeign)('is stored without its framing, in chunks of any size', async () => {
    const whole = await putFramed('framed', `4\r\n1234\r\n5\r\n56789\r\n0\r\n${TRAILER}`);
    expect(whole.status).toBe(200);
    expect(await read(client, { Bucket, Key: 'framed' })).toBe('123456789');
    const head = await client.send(new HeadObjectCommand({ Bucket, Key: 'framed' }));
    expect(head.ContentEncoding).toBeUndefined();
  });

  test.skipIf(isForeign)(
    'may be signed: chunk signatures are skipped, the trailer is verified',
    async () => {
      const signature = `chunk-signature=${'0'.repeat(64)}`;
      const plain = await putFramed(
        'signed',
        `9;${signature}\r\n123456789\r\n0;${signature}\r\n\r\n`,
        {
          'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
        },
      );
      expect(plain.status).toBe(200);
      const trailing = await putFramed(
        'signed-trailer',
        `9;${signature}\r\n123456789\r\n0;${signature}\r\nx-amz-checksum-crc32:y/Q5Jg==\r\nx-amz-trailer-signature:${'0'.repeat(64)}\r\n\r\n`,
        { ...TRAILED, 'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER' },
      );
      expect(trailing.status).toBe(200);
      expect(await read(client, { Bucket, Key: 'signed' })).toBe('123456789');
    },
  );

  test.skipIf(isForeign).for([
    ['a corrupted byte', `9\r\n12345678X\r\n0\r\n${TRAILER}`, 'BadDigest'],
    [
      'a corrupted trailer',
      '9\r\n123456789\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n',
      'BadDigest',
    ],
    ['no trailer', '9\r\n123456789\r\n0\r\n\r\n', 'MalformedTrailerError'],
    [
      'a trailer without a colon',
      '9\r\n123456789\r\n0\r\nnonsense\r\n\r\n',
      'MalformedTrailerError',
    ],
    ['no last chunk', '9\r\n123456789\r\n', 'IncompleteBody'],
    ['a chunk that is cut', '9\r\n1234', 'IncompleteBody'],
    [
      'no end of the trailers',
      '9\r\n123456789\r\n0\r\nx-amz-checksum-crc32:y/Q5Jg==\r\n',
      'IncompleteBody',
    ],
    ['too few bytes', `8\r\n12345678\r\n0\r\n${TRAILER}`, 'IncompleteBody'],
    ['too many bytes', `a\r\n1234567890\r\n0\r\n${TRAILER}`, 'IncompleteBody'],
    ['a size that is not a number', `x\r\n123456789\r\n0\r\n${TRAILER}`, 'InvalidRequest'],
    ['a chunk longer than its size', `8\r\n123456789\r\n0\r\n${TRAILER}`, 'InvalidRequest'],
    ['lines that end in LF', '9\n123456789\n0\n\n', 'InvalidRequest'],
    ['bytes after the end', `9\r\n123456789\r\n0\r\n${TRAILER}more`, 'InvalidRequest'],
    ['no framing at all', '123456789', 'IncompleteBody'],
  ] as const)('with %s is refused, and nothing is stored', async ([, framed, code]) => {
    expect(await putFramed('malformed', framed)).toMatchObject({ status: 400, code });
    expect(await isStored('malformed')).toBe(false);
  });

  test.skipIf(isForeign)(
    'with an unknown streaming signature is refused, not stored raw',
    async () => {
      const headers = { 'x-amz-content-sha256': 'STREAMING-SOMETHING-NEW' };
      expect(await putFramed('malformed', `0\r\n${TRAILER}`, headers)).toMatchObject({
        status: 501,
      });
      expect(await isStored('malformed')).toBe(false);
    },
  );
});

test.skipIf(isForeign).for([
  [
    'a wrong payload hash',
    { 'x-amz-content-sha256': '0'.repeat(64) },
    400,
    'XAmzContentSHA256Mismatch',
  ],
  [
    'two checksums',
    { 'x-amz-checksum-crc32': CRC32, 'x-amz-checksum-sha1': 'x' },
    400,
    'InvalidRequest',
  ],
  [
    'a checksum algorithm without a checksum',
    { 'x-amz-sdk-checksum-algorithm': 'CRC32' },
    400,
    'InvalidRequest',
  ],
  ['an unknown checksum', { 'x-amz-checksum-xxhash3': 'x' }, 501, 'NotImplemented'],
] as const)('a put with %s is refused', async ([, headers, status, code]) => {
  const sent = { 'content-length': BODY.length, ...headers };
  const reply = await raw(s3.endpoint, 'PUT', `/${Bucket}/odd`, sent, BODY);
  expect(reply).toMatchObject({ status, code });
  expect(await isStored('odd')).toBe(false);
});

test.skipIf(isForeign)('a put that announces more than 5 GiB is refused at once', async () => {
  const reply = await talk(
    `PUT /${Bucket}/odd HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${5 * 1024 ** 3 + 1}\r\n\r\n`,
  );
  expect(reply).toMatch(/^HTTP\/1.1 400 /);
  expect(reply).toContain('EntityTooLarge');
});

test.skipIf(isForeign)(
  'the rest of a refused body is drained, so that the client is not blocked',
  async () => {
    const framed = Buffer.concat([Buffer.from('nonsense\r\n'), patterned(8 * MIB)]);
    const startedAt = performance.now();
    expect(await putFramed('malformed', framed)).toMatchObject({ code: 'InvalidRequest' });
    expect(performance.now() - startedAt).toBeLessThan(2000);
  },
);

test.skipIf(isForeign)('a body of unknown length is refused', async () => {
  const reply = await raw(
    s3.endpoint,
    'PUT',
    `/${Bucket}/odd`,
    { 'transfer-encoding': 'chunked' },
    'x',
  );
  expect(reply).toMatchObject({ status: 411, code: 'MissingContentLength' });
});

/** Sends raw bytes, and closes the connection after the reply. */
function talk(text: string): Promise<string> {
  const { hostname, port } = new URL(s3.endpoint);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(text));
    socket.once('data', (data) => {
      socket.destroy();
      resolve(data.toString());
    });
    socket.once('error', reject);
  });
}

test.skipIf(isForeign)('a request that is cut off stores nothing and leaves no file', async () => {
  const { hostname, port } = new URL(s3.endpoint);
  const before = await readdir(join(s3.root, 'blobs'));
  for (const framing of ['plain', 'framed']) {
    await new Promise<void>((resolve, reject) => {
      const socket = connect(Number(port), hostname);
      socket.once('error', reject).once('close', () => resolve());
      const headers =
        framing === 'plain'
          ? `Content-Length: ${8 * MIB}\r\n`
          : `Transfer-Encoding: chunked\r\nContent-Encoding: aws-chunked\r\nx-amz-decoded-content-length: ${8 * MIB}\r\n` +
            'x-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER\r\n';
      socket.write(`PUT /${Bucket}/cut HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n`);
      // A chunk of HTTP around a chunk of aws-chunked; neither is completed.
      const size = (8 * MIB).toString(16);
      if (framing === 'framed') socket.write(`${size}\r\n${size}\r\n`);
      socket.write(patterned(4 * MIB), () => socket.destroy());
    });
  }
  await expect
    .poll(async () => (await readdir(join(s3.root, 'blobs'))).length, { timeout: 5000 })
    .toBe(before.length);
  expect(await isStored('cut')).toBe(false);
});

test.skipIf(isForeign)('a stalled reader keeps its bytes only until it disconnects', async () => {
  const blobs = async (): Promise<number> => (await readdir(join(s3.root, 'blobs'))).length;
  const { hostname, port } = new URL(s3.endpoint);
  const before = await blobs();
  await client.send(new PutObjectCommand({ Bucket, Key: 'stalled', Body: patterned(32 * MIB) }));
  const socket = connect(Number(port), hostname);
  const readable = once(socket, 'readable'); // and never read
  socket.write(`GET /${Bucket}/stalled HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  await readable;
  await client.send(new DeleteObjectCommand({ Bucket, Key: 'stalled' }));
  expect(await blobs()).toBe(before + 1);
  socket.destroy();
  await expect.poll(blobs, { timeout: 5000 }).toBe(before);
});

test('a checksum is returned with the whole object only', async () => {
  const where = { Bucket, Key: 'partly' };
  await client.send(new PutObjectCommand({ ...where, Body: '123456789' }));
  const part = await client.send(new GetObjectCommand({ ...where, Range: 'bytes=0-3' }));
  expect(part.ChecksumCRC32).toBeUndefined();
  expect(await part.Body?.transformToString()).toBe('1234');
});

test('refused puts are not listed', async () => {
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket }));
  const refused = Contents.filter(({ Key = '' }) => /bad|malformed|odd|cut/.test(Key));
  expect(refused).toEqual([]);
});
