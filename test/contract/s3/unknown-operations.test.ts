import { GetObjectAclCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, expect, test } from 'vitest';
import { openS3, raw, read, isForeign } from './support.ts';

const s3 = await openS3();
const { client } = s3;
const Bucket = await s3.bucket();
afterAll(() => s3[Symbol.asyncDispose]());
await client.send(new PutObjectCommand({ Bucket, Key: 'kept', Body: 'kept' }));

test.skipIf(isForeign).for([
  ['PUT', 'acl'],
  ['PUT', 'retention'],
  ['PUT', 'legal-hold'],
  ['PUT', 'renameObject'],
  ['PUT', 'something-new=1'],
  ['GET', 'acl'],
  ['GET', 'attributes'],
  ['GET', 'torrent'],
  ['GET', 'partNumber=1'],
  ['POST', 'select&select-type=2'],
  ['POST', 'restore'],
  ['DELETE', 'something-new'],
  ['PATCH', ''],
] as const)('%s ?%s is refused and does not touch the object', async ([method, query]) => {
  const body = method === 'GET' ? '' : 'overwritten';
  const headers = { 'content-length': body.length };
  const path = `/${Bucket}/kept?${query}`;
  const reply = await raw(s3.endpoint, method, path, headers, body);
  expect(reply).toMatchObject({ status: 501, code: 'NotImplemented' });
  expect(reply.text).toContain(`${method} ?`.slice(0, method.length));
  expect(await read(client, { Bucket, Key: 'kept' })).toBe('kept');
});

test.skipIf(isForeign)('the refusal names the operation', async () => {
  await expect(client.send(new GetObjectAclCommand({ Bucket, Key: 'kept' }))).rejects.toThrow(
    /GET \?acl on an object/,
  );
});

test
  .skipIf(isForeign)
  .for([
    'x-amz-object-lock-mode',
    'x-amz-website-redirect-location',
    'x-amz-write-offset-bytes',
    'x-amz-server-side-encryption-customer-algorithm',
  ])('a put with %s is refused, not partly applied', async (header) => {
  const headers = { [header]: 'x', 'content-length': 1 };
  const reply = await raw(s3.endpoint, 'PUT', `/${Bucket}/odd`, headers, 'x');
  expect(reply).toMatchObject({ status: 501, code: 'NotImplemented' });
});

test.skipIf(isForeign)('presigned parameters do not select an operation', async () => {
  const query =
    'X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Expires=60&X-Amz-Signature=00&x-id=GetObject';
  expect(await raw(s3.endpoint, 'GET', `/${Bucket}/kept?${query}`)).toMatchObject({
    status: 200,
    text: 'kept',
  });
});

test('a request on behalf of another account is denied', async () => {
  const get = client.send(
    new GetObjectCommand({ Bucket, Key: 'kept', ExpectedBucketOwner: '999999999999' }),
  );
  await expect(get).rejects.toThrow(/Access ?Denied/);
});
