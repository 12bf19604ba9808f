import { randomBytes } from 'node:crypto';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetBucketLocationCommand,
  GetBucketNotificationConfigurationCommand,
  GetBucketVersioningCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { afterAll, expect, test } from 'vitest';
import { openS3, refusal } from './support.ts';

const s3 = await openS3();
const { client } = s3;
afterAll(() => s3[Symbol.asyncDispose]());

test('a bucket is created, found, listed, and deleted when it is empty', async () => {
  const Bucket = `contract-${randomBytes(6).toString('hex')}`;
  expect(await refusal(client.send(new HeadBucketCommand({ Bucket })))).toBe('NotFound 404');
  await client.send(new CreateBucketCommand({ Bucket }));
  expect(await refusal(client.send(new CreateBucketCommand({ Bucket })))).toBe(
    'BucketAlreadyOwnedByYou 409',
  );
  await client.send(new HeadBucketCommand({ Bucket }));
  const { Buckets = [] } = await client.send(new ListBucketsCommand({}));
  expect(Buckets.map(({ Name }) => Name)).toContain(Bucket);

  await client.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x' }));
  expect(await refusal(client.send(new DeleteBucketCommand({ Bucket })))).toBe(
    'BucketNotEmpty 409',
  );
  await client.send(new DeleteObjectCommand({ Bucket, Key: 'k' }));
  await client.send(new DeleteBucketCommand({ Bucket }));
  expect(await refusal(client.send(new HeadBucketCommand({ Bucket })))).toBe('NotFound 404');
});

test('an invalid bucket name is refused', async () => {
  for (const Bucket of ['UPPER', 'ab', 'a..b', '-ab', '127.0.0.1']) {
    const create = client.send(new CreateBucketCommand({ Bucket }));
    expect(await refusal(create)).toBe('InvalidBucketName 400');
  }
});

test('versioning is off, then enabled, then suspended, and never off again', async () => {
  const Bucket = await s3.bucket();
  const status = async (): Promise<string | undefined> =>
    (await client.send(new GetBucketVersioningCommand({ Bucket }))).Status;
  expect(await status()).toBeUndefined();
  for (const Status of ['Enabled', 'Suspended'] as const) {
    const VersioningConfiguration = { Status };
    await client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
    expect(await status()).toBe(Status);
  }
});

test('EventBridge can be switched on and off; other targets are refused', async () => {
  const Bucket = await s3.bucket();
  const set = (NotificationConfiguration: object): Promise<unknown> =>
    client.send(
      new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration }),
    );
  const get = async (): Promise<unknown> =>
    (await client.send(new GetBucketNotificationConfigurationCommand({ Bucket })))
      .EventBridgeConfiguration;
  await set({ EventBridgeConfiguration: {} });
  expect(await get()).toEqual({});
  await set({});
  expect(await get()).toBeUndefined();
  const QueueArn = 'arn:aws:sqs:eu-central-1:000000000000:q';
  const queues = set({ QueueConfigurations: [{ QueueArn, Events: ['s3:ObjectCreated:*'] }] });
  expect(await refusal(queues)).toMatch(/NotImplemented 501|InvalidArgument 400/);
});

test('a bucket has a location', async () => {
  const Bucket = await s3.bucket();
  const { LocationConstraint } = await client.send(new GetBucketLocationCommand({ Bucket }));
  expect(LocationConstraint).toBe(await client.config.region());
});
