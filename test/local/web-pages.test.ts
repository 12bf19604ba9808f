import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { text } from 'node:stream/consumers';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Cloud } from '../../local/cloud.ts';
import { openCloud } from '../support/cloud.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const parts = new AsyncDisposableStack();
let cloud: Cloud;
let bucket: string;
let queueUrl: string;

beforeAll(async () => {
  const { path } = parts.use(await temporaryDirectory());
  cloud = parts.use(await openCloud(path));
  bucket = cloud.stack.buckets.find(({ logicalId }) => logicalId === 'InboxBucket')?.name ?? '';
  queueUrl = cloud.stack.queues.find(({ logicalId }) => logicalId === 'IngestQueue')?.url ?? '';
  await cloud.s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'kept', Body: 'kept' }));
});
afterAll(() => parts.disposeAsync());

type Sent = { method?: string; path?: string; headers?: OutgoingHttpHeaders; body?: string };

/** What a browser sends for a page of somebody else's; node:http leaves Host and Origin to us. */
async function send(endpoint: string, { method = 'GET', path = '/', headers = {}, body }: Sent) {
  const request = httpRequest(new URL(path, endpoint), { method, headers });
  request.end(body);
  const [answer] = (await once(request, 'response')) as [IncomingMessage];
  return { status: answer.statusCode, text: await text(answer) };
}

const PAGE = { origin: 'https://attacker.example', 'sec-fetch-site': 'cross-site' };
const FORM = { ...PAGE, 'content-type': 'application/x-www-form-urlencoded' };

test('a page cannot delete objects with a simple POST', async () => {
  const body = '<Delete><Object><Key>kept</Key></Object></Delete>';
  const headers = { ...PAGE, 'content-type': 'text/plain' };
  const answer = await send(cloud.endpoints.s3, {
    method: 'POST',
    path: `/${bucket}?delete`,
    headers,
    body,
  });
  expect(answer).toEqual({
    status: 403,
    text: 'Requests of web pages are refused, here of https://attacker.example.\n',
  });
  await cloud.s3.send(new GetObjectCommand({ Bucket: bucket, Key: 'kept' }));
});

test('a page cannot publish a notice with a form', async () => {
  const topic = cloud.stack.topics[0]?.arn ?? '';
  const body = new URLSearchParams({ Action: 'Publish', TopicArn: topic, Message: 'forged' });
  const answer = await send(cloud.endpoints.sns, {
    method: 'POST',
    headers: FORM,
    body: body.toString(),
  });
  expect(answer.status).toBe(403);
});

test('a page cannot send messages or events', async () => {
  const message = JSON.stringify({ QueueUrl: queueUrl, MessageBody: 'forged' });
  const sqs = {
    ...PAGE,
    'content-type': 'application/x-amz-json-1.0',
    'x-amz-target': 'AmazonSQS.SendMessage',
  };
  expect(
    await send(cloud.endpoints.sqs, { method: 'POST', headers: sqs, body: message }),
  ).toMatchObject({ status: 403 });
  const { Messages = [] } = await cloud.sqs.send(new ReceiveMessageCommand({ QueueUrl: queueUrl }));
  expect(Messages.filter(({ Body }) => Body === 'forged')).toEqual([]);

  const entry = { Source: 'forged', DetailType: 'forged', Detail: '{}' };
  const heard: string[] = [];
  cloud.bus.subscribe(({ source }) => heard.push(source));
  const headers = { ...PAGE, 'content-type': 'text/plain', 'x-amz-target': 'AWSEvents.PutEvents' };
  const body = JSON.stringify({ Entries: [entry] });
  expect(await send(cloud.endpoints.eventbridge, { method: 'POST', headers, body })).toMatchObject({
    status: 403,
  });
  expect(heard).toEqual([]);
});

test.each(['s3', 'sqs', 'sns', 'eventbridge'] as const)(
  '%s answers neither a name of somebody else’s that resolves to this machine, nor a page of the same site',
  async (service) => {
    const endpoint = cloud.endpoints[service];
    const { port } = new URL(endpoint);
    for (const headers of [
      { host: `attacker.example:${port}` },
      { 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'same-origin' },
      { origin: 'null' },
    ]) {
      expect(await send(endpoint, { headers })).toMatchObject({ status: 403 });
    }
    expect((await send(endpoint, { headers: { host: `localhost:${port}` } })).status).not.toBe(403);
  },
);
