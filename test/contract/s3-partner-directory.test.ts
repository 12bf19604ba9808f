import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { s3PartnerDirectory } from '../../shared/identity/partner/s3-partner-directory.ts';
import { aPartner } from '../support/partners.ts';
import { openS3, type S3UnderTest } from './s3/support.ts';

const FRESH_FOR_MS = 1000;
let s3: S3UnderTest;
let bucket: string;
const clock = { now: 0 };
/** Statuses of what was asked of S3. */
const asked: number[] = [];

beforeAll(async () => {
  s3 = await openS3();
  s3.client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        try {
          const result = await next(args);
          if (commandName === 'GetObjectCommand') asked.push(200);
          return result;
        } catch (error) {
          asked.push((error as { $metadata: { httpStatusCode: number } }).$metadata.httpStatusCode);
          throw error;
        }
      },
    { step: 'initialize' },
  );
});
afterAll(() => s3[Symbol.asyncDispose]());
beforeEach(async () => {
  bucket = await s3.bucket({ versioned: true });
  clock.now = 0;
  asked.length = 0;
});

const open = () =>
  s3PartnerDirectory(s3.client, bucket, { freshForMs: FRESH_FOR_MS, now: () => clock.now });

async function put(document: unknown, name = 'acme'): Promise<void> {
  const Body = typeof document === 'string' ? document : JSON.stringify(document);
  await s3.client.send(
    new PutObjectCommand({ Bucket: bucket, Key: `partners/${name}.json`, Body }),
  );
}

test('a partner is read once, then asked after, and sent again only when it has changed', async () => {
  await put(aPartner());
  const directory = open();
  const first = await directory.find('acme');
  expect(first).toEqual({ kind: 'partner', partner: aPartner() });
  await directory.find('acme');
  expect(asked).toEqual([200]);

  clock.now += FRESH_FOR_MS;
  expect(await directory.find('acme')).toBe(first);
  expect(asked).toEqual([200, 304]);
  await directory.find('acme');
  expect(asked).toEqual([200, 304]);

  await put(aPartner({ enabled: false }));
  clock.now += FRESH_FOR_MS;
  expect(await directory.find('acme')).toMatchObject({ partner: { enabled: false } });
  expect(asked).toEqual([200, 304, 200]);
});

test('a partner that was removed is nobody after a moment', async () => {
  await put(aPartner());
  const directory = open();
  await directory.find('acme');
  await s3.client.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'partners/acme.json' }));
  clock.now += FRESH_FOR_MS;
  expect(await directory.find('acme')).toEqual({ kind: 'nobody' });
});

test('who is nobody is asked for as seldom as who is somebody, and comes in after a moment', async () => {
  const directory = open();
  expect(await directory.find('acme')).toEqual({ kind: 'nobody' });
  expect(await directory.find('acme')).toEqual({ kind: 'nobody' });
  expect(asked).toEqual([404]);
  await put(aPartner());
  clock.now += FRESH_FOR_MS;
  expect(await directory.find('acme')).toMatchObject({ kind: 'partner' });
});

test.each(['', '.', '..', 'ab', '../acme', 'a/b', 'acme.json/../../x', 'ac\nme', 'x'.repeat(101)])(
  'no name %j reaches S3',
  async (name) => {
    expect(await open().find(name)).toEqual({ kind: 'nobody' });
    expect(asked).toEqual([]);
  },
);

test('a document that is broken, or another’s, is nobody’s', async () => {
  await put('{"version": 1,');
  await put(aPartner(), 'globex');
  const directory = open();
  expect(await directory.find('acme')).toMatchObject({
    kind: 'invalid',
    problems: [{ problem: expect.stringContaining('is not JSON') }],
  });
  expect(await directory.find('globex')).toMatchObject({
    kind: 'invalid',
    problems: [{ path: 'name' }],
  });
});

test('a bucket that cannot be read is an error, and not remembered', async () => {
  const directory = s3PartnerDirectory(s3.client, 'no-such-bucket-here', {
    freshForMs: FRESH_FOR_MS,
  });
  await expect(directory.find('acme')).rejects.toThrow(/bucket/);
  await expect(directory.find('acme')).rejects.toThrow(/bucket/);
  expect(asked).toEqual([404, 404]);
});

test('names that strangers invent do not fill the memory: the last thousand are kept', async () => {
  await put(aPartner());
  const directory = open();
  await directory.find('acme');
  for (let index = 0; index < 1000; index += 50) {
    const names = Array.from({ length: 50 }, (_, more) => `stranger-${index + more}`);
    await Promise.all(names.map((name) => directory.find(name)));
  }
  asked.length = 0;
  await directory.find('stranger-999');
  await directory.find('acme');
  expect(asked).toEqual([200]);
});
