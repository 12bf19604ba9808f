import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { CompletedPart, CreateMultipartUploadCommandInput } from '@aws-sdk/client-s3';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { afterAll, describe, expect, test } from 'vitest';
import { MIB, openS3, patterned, read, refusal, isForeign } from './support.ts';

const s3 = await openS3();
const { client } = s3;
const Bucket = await s3.bucket();
afterAll(() => s3[Symbol.asyncDispose]());

const FIRST = patterned(5 * MIB, 1);
const SECOND = patterned(5 * MIB + 11, 2);
const LAST = patterned(777, 3);
const WHOLE = Buffer.concat([FIRST, SECOND, LAST]);

type Settings = Partial<CreateMultipartUploadCommandInput>;

async function begin(Key: string, settings: Settings = {}) {
  const { UploadId } = await client.send(
    new CreateMultipartUploadCommand({ Bucket, Key, ...settings }),
  );
  return { Bucket, Key, UploadId };
}
type Upload = Awaited<ReturnType<typeof begin>>;

async function put(
  upload: Upload,
  PartNumber: number,
  Body: Buffer,
  settings: object = {},
): Promise<CompletedPart> {
  const { $metadata: _, ...part } = await client.send(
    new UploadPartCommand({ ...upload, PartNumber, Body, ...settings }),
  );
  return { PartNumber, ...part };
}

function complete(upload: Upload, Parts: CompletedPart[], settings: object = {}) {
  return client.send(
    new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts }, ...settings }),
  );
}

const md5 = (bytes: Buffer): Buffer => createHash('md5').update(bytes).digest();

test('parts sent in any order, some of them twice, become one object', async () => {
  const upload = await begin('joined', {
    ContentType: 'text/csv',
    Metadata: { a: 'b' },
    Tagging: 'x=y',
  });
  const last = await put(upload, 9, LAST);
  await put(upload, 2, FIRST);
  const second = await put(upload, 2, SECOND);
  const first = await put(upload, 1, FIRST);
  expect(first.ETag).toBe(`"${md5(FIRST).toString('hex')}"`);
  const { ETag } = await complete(upload, [first, second, last]);

  const digests = Buffer.concat([FIRST, SECOND, LAST].map(md5));
  expect(ETag).toBe(`"${md5(digests).toString('hex')}-3"`);
  const got = await client.send(new GetObjectCommand({ Bucket, Key: 'joined' }));
  expect(got).toMatchObject({ ContentType: 'text/csv', Metadata: { a: 'b' }, TagCount: 1, ETag });
  expect(WHOLE.equals((await got.Body?.transformToByteArray()) ?? LAST)).toBe(true);
});

test('a range may cross parts', async () => {
  const start = FIRST.length - 3;
  const end = FIRST.length + SECOND.length + 4;
  const Range = `bytes=${start}-${end - 1}`;
  const text = await read(client, { Bucket, Key: 'joined', Range });
  expect(text === WHOLE.subarray(start, end).toString('latin1')).toBe(true);
});

describe('checksums of the whole', () => {
  test.for(['CRC32', 'CRC32C', 'SHA1', 'SHA256'] as const)('composite %s', async (algorithm) => {
    const upload = await begin(`composite-${algorithm}`, { ChecksumAlgorithm: algorithm });
    const settings = { ChecksumAlgorithm: algorithm };
    const parts = [await put(upload, 1, FIRST, settings), await put(upload, 2, LAST, settings)];
    const done = await complete(upload, parts);
    expect(done.ChecksumType).toBe('COMPOSITE');
    expect(done[`Checksum${algorithm}`]).toMatch(/^[\w+/]+=*-2$/);
    const head = await client.send(
      new HeadObjectCommand({ Bucket, Key: upload.Key, ChecksumMode: 'ENABLED' }),
    );
    expect(head[`Checksum${algorithm}`]).toBe(done[`Checksum${algorithm}`]);
    const got = await read(client, { Bucket, Key: upload.Key });
    expect(got.length).toBe(FIRST.length + LAST.length);
  });

  test.for(['CRC32', 'CRC32C', 'CRC64NVME'] as const)(
    'full-object %s equals that of a single put',
    async (algorithm) => {
      const settings = { ChecksumAlgorithm: algorithm };
      const single = await client.send(
        new PutObjectCommand({ Bucket, Key: 'single', Body: WHOLE, ...settings }),
      );
      const upload = await begin(`full-${algorithm}`, {
        ...settings,
        ChecksumType: 'FULL_OBJECT',
      });
      const parts = [
        await put(upload, 1, FIRST, settings),
        await put(upload, 2, SECOND, settings),
        await put(upload, 3, LAST, settings),
      ];
      const wrong = complete(upload, parts, { [`Checksum${algorithm}`]: 'AAAAAA==' });
      expect(await refusal(wrong)).toBe('BadDigest 400');
      const done = await complete(upload, parts);
      expect(done.ChecksumType).toBe('FULL_OBJECT');
      expect(done[`Checksum${algorithm}`]).toBe(single[`Checksum${algorithm}`]);
    },
  );

  test('a part with another checksum than its upload is refused', async () => {
    const upload = await begin('mismatch', { ChecksumAlgorithm: 'SHA256' });
    expect(await refusal(put(upload, 1, LAST, { ChecksumAlgorithm: 'CRC32' }))).toBe(
      'InvalidRequest 400',
    );
    const part = await put(upload, 1, LAST, { ChecksumAlgorithm: 'SHA256' });
    const { ETag, PartNumber } = part;
    expect(await refusal(complete(upload, [{ ETag, PartNumber }]))).toBe('InvalidRequest 400');
    await client.send(new AbortMultipartUploadCommand(upload));
  });

  test('SHA-256 cannot be a full-object checksum', async () => {
    const settings = { ChecksumAlgorithm: 'SHA256', ChecksumType: 'FULL_OBJECT' } as const;
    expect(await refusal(begin('impossible', settings))).toBe('InvalidRequest 400');
  });
});

describe('an upload that cannot be completed', () => {
  test('a part other than the last is smaller than 5 MiB', async () => {
    const upload = await begin('refused');
    const parts = [await put(upload, 1, LAST), await put(upload, 2, LAST)];
    expect(await refusal(complete(upload, parts))).toBe('EntityTooSmall 400');
    await client.send(new AbortMultipartUploadCommand(upload));
  });

  test('a part has another ETag, or was never sent', async () => {
    const upload = await begin('refused');
    const part = await put(upload, 1, LAST);
    const other = { PartNumber: 1, ETag: '"0123456789abcdef0123456789abcdef"' };
    expect(await refusal(complete(upload, [other]))).toBe('InvalidPart 400');
    const never = { PartNumber: 2, ETag: part.ETag };
    expect(await refusal(complete(upload, [never]))).toBe('InvalidPart 400');
    await client.send(new AbortMultipartUploadCommand(upload));
  });

  test('its parts are not in order', async () => {
    const upload = await begin('refused');
    const parts = [await put(upload, 1, FIRST), await put(upload, 2, LAST)];
    expect(await refusal(complete(upload, parts.toReversed()))).toBe('InvalidPartOrder 400');
    await client.send(new AbortMultipartUploadCommand(upload));
  });

  test('its list of parts is empty', async () => {
    const upload = await begin('refused');
    expect(await refusal(complete(upload, []))).toBe('MalformedXML 400');
    await client.send(new AbortMultipartUploadCommand(upload));
  });

  test('its size is not the declared one', async () => {
    const upload = await begin('refused');
    const part = await put(upload, 1, LAST);
    expect(await refusal(complete(upload, [part], { MpuObjectSize: 1 }))).toBe(
      'InvalidRequest 400',
    );
    await client.send(new AbortMultipartUploadCommand(upload));
  });

  test('with If-None-Match, when its key was created meanwhile', async () => {
    const upload = await begin('created-meanwhile');
    const part = await put(upload, 1, LAST);
    await client.send(new PutObjectCommand({ Bucket, Key: upload.Key, Body: 'first' }));
    const completed = complete(upload, [part], { IfNoneMatch: '*' });
    expect(await refusal(completed)).toBe('PreconditionFailed 412');
    expect(await read(client, { Bucket, Key: upload.Key })).toBe('first');
    await client.send(new AbortMultipartUploadCommand(upload));
  });
});

test('an aborted upload is removed with its bytes', async () => {
  const upload = await begin('aborted');
  const part = await put(upload, 1, FIRST);
  await client.send(new AbortMultipartUploadCommand(upload));
  expect(await refusal(complete(upload, [part]))).toBe('NoSuchUpload 404');
  expect(await refusal(put(upload, 2, LAST))).toBe('NoSuchUpload 404');
  expect(await refusal(client.send(new AbortMultipartUploadCommand(upload)))).toBe(
    'NoSuchUpload 404',
  );
  expect(await refusal(client.send(new HeadObjectCommand({ Bucket, Key: 'aborted' })))).toBe(
    'NotFound 404',
  );
});

test('an object exists only once it is completed', async () => {
  const upload = await begin('unfinished');
  await put(upload, 1, LAST);
  const head = client.send(new HeadObjectCommand({ Bucket, Key: 'unfinished' }));
  expect(await refusal(head)).toBe('NotFound 404');
  await client.send(new AbortMultipartUploadCommand(upload));
});

test('parts and uploads are listed page by page', async () => {
  const listed = await s3.bucket();
  const uploads = [];
  for (const Key of ['b', 'a/1', 'a/2', 'b']) {
    const { UploadId } = await client.send(
      new CreateMultipartUploadCommand({ Bucket: listed, Key }),
    );
    uploads.push({ Bucket: listed, Key, UploadId });
  }
  const upload = uploads[0] ?? { Bucket: listed, Key: 'b', UploadId: '' };
  for (const PartNumber of [3, 1, 7]) {
    await client.send(new UploadPartCommand({ ...upload, PartNumber, Body: 'x' }));
  }
  const page = await client.send(new ListPartsCommand({ ...upload, MaxParts: 2 }));
  expect(page.Parts?.map((part) => part.PartNumber)).toEqual([1, 3]);
  expect(page).toMatchObject({ IsTruncated: true, NextPartNumberMarker: '3' });
  const rest = await client.send(new ListPartsCommand({ ...upload, PartNumberMarker: '3' }));
  expect(rest.Parts).toMatchObject([{ PartNumber: 7, Size: 1 }]);
  expect(rest.IsTruncated).toBe(false);

  const grouped = await client.send(
    new ListMultipartUploadsCommand({ Bucket: listed, Delimiter: '/' }),
  );
  expect(grouped.CommonPrefixes).toEqual([{ Prefix: 'a/' }]);
  expect(grouped.Uploads?.map(({ Key }) => Key)).toEqual(['b', 'b']);
  const seen: unknown[] = [];
  let marker: { KeyMarker?: string | undefined; UploadIdMarker?: string | undefined } = {};
  for (let turn = 0; turn < 4; turn++) {
    const one = await client.send(
      new ListMultipartUploadsCommand({ Bucket: listed, MaxUploads: 1, ...marker }),
    );
    seen.push(...(one.Uploads ?? []).map(({ UploadId }) => UploadId));
    marker = { KeyMarker: one.NextKeyMarker, UploadIdMarker: one.NextUploadIdMarker };
    expect(one.IsTruncated).toBe(turn < 3);
  }
  expect(new Set(seen)).toEqual(new Set(uploads.map(({ UploadId }) => UploadId)));
  for (const open of uploads) await client.send(new AbortMultipartUploadCommand(open));
});

test('a part may be a range of another object', async () => {
  const source = 'joined';
  const upload = await begin('stitched');
  const copy = async (PartNumber: number, range: string): Promise<CompletedPart> => {
    const { CopyPartResult } = await client.send(
      new UploadPartCopyCommand({
        ...upload,
        PartNumber,
        CopySource: `${Bucket}/${source}`,
        CopySourceRange: range,
      }),
    );
    return { PartNumber, ETag: CopyPartResult?.ETag };
  };
  const half = 5 * MIB + 100;
  const parts = [
    await copy(1, `bytes=0-${half - 1}`),
    await copy(2, `bytes=${half}-${WHOLE.length - 1}`),
  ];
  expect(parts[0]?.ETag).toBe(`"${md5(WHOLE.subarray(0, half)).toString('hex')}"`);
  expect(await refusal(copy(3, `bytes=0-${WHOLE.length}`))).toBe('InvalidArgument 400');
  await complete(upload, parts);
  const text = await read(client, { Bucket, Key: 'stitched' });
  expect(text === WHOLE.toString('latin1')).toBe(true);
});

const blobs = (): Promise<string[]> => readdir(join(s3.root, 'blobs'));

test.skipIf(isForeign)('unreferenced bytes are removed from disk', async () => {
  const before = (await blobs()).length;
  const upload = await begin('garbage');
  await put(upload, 1, LAST);
  await put(upload, 1, FIRST);
  await put(upload, 2, LAST);
  const last = await put(upload, 3, LAST);
  await complete(upload, [{ ...last }]);
  await expect.poll(async () => (await blobs()).length, { timeout: 5000 }).toBe(before + 1);
  await client.send(new PutObjectCommand({ Bucket, Key: 'garbage', Body: Buffer.alloc(0) }));
  await expect.poll(async () => (await blobs()).length, { timeout: 5000 }).toBe(before);
});
