import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Drop } from '../../../local/events/deliver.ts';
import { startEventBridge } from '../../../local/events/server.ts';
import { ACCOUNT_ID, createQueue, peek, REGION, startMessaging } from './event-world.ts';

let messaging: Awaited<ReturnType<typeof startMessaging>>;
beforeAll(async () => {
  messaging = await startMessaging();
});
afterAll(() => messaging[Symbol.asyncDispose]());

const pattern = { source: ['airlock'] };
const start = (onDropped?: (drop: Drop) => void) =>
  startEventBridge({
    region: REGION,
    accountId: ACCOUNT_ID,
    ...messaging,
    ...(onDropped && { onDropped }),
  });
const post = (endpoint: string, action: string, body: unknown) =>
  fetch(endpoint, {
    method: 'POST',
    headers: {
      'x-amz-target': `AWSEvents.${action}`,
      'content-type': 'application/x-amz-json-1.1',
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

test('listens on the loopback address', async () => {
  await using standIn = await start();
  expect(new URL(standIn.endpoint).hostname).toBe('127.0.0.1');
});

test('answers an unknown action as AWS does', async () => {
  await using standIn = await start();
  const response = await post(standIn.endpoint, 'CreateEventBus', {});
  expect(response.status).toBe(400);
  expect(response.headers.get('content-type')).toBe('application/x-amz-json-1.1');
  expect(await response.json()).toEqual({
    __type: 'UnknownOperationException',
    message: 'CreateEventBus is not an action of the local event bus.',
  });
});

test('refuses a body that is not JSON', async () => {
  await using standIn = await start();
  const response = await post(standIn.endpoint, 'ListRules', '{');
  expect(await response.json()).toMatchObject({ __type: 'SerializationException' });
});

test.each([
  ['InputTransformer', { InputTransformer: { InputTemplate: '"x"' } }],
  ['SqsParameters', { SqsParameters: { MessageGroupId: 'g' } }],
  ['RoleArn', { RoleArn: 'arn:aws:iam::1:role/r' }],
])('refuses a target with %s by name', async (name, extra) => {
  await using standIn = await start();
  standIn.bus.putRule({ name: 'r', pattern });
  const target = { Id: 't', Arn: 'arn:aws:sqs:x:1:q', ...extra };
  const response = await post(standIn.endpoint, 'PutTargets', { Rule: 'r', Targets: [target] });
  expect(await response.json()).toMatchObject({
    __type: 'ValidationException',
    message: expect.stringContaining(`${name} is not supported`),
  });
});

test('reports an event for a bus that does not exist', async () => {
  const drops: Drop[] = [];
  await using standIn = await start((drop) => drops.push(drop));
  const Entries = [{ Source: 'x', DetailType: 'y', Detail: '{}', EventBusName: 'other' }];
  await post(standIn.endpoint, 'PutEvents', { Entries });
  expect(drops).toMatchObject([{ targetArn: 'other', event: { source: 'x' } }]);
});

test('delivers accepted events before it closes', async () => {
  const queue = await createQueue(messaging.sqs);
  const standIn = await start();
  standIn.bus.putRule({ name: 'r', pattern });
  standIn.bus.putTargets('r', [{ id: 't', arn: queue.arn }]);
  const Entries = [{ Source: 'airlock', DetailType: 'y', Detail: '{}' }];
  await post(standIn.endpoint, 'PutEvents', { Entries });
  await standIn[Symbol.asyncDispose]();
  expect(await peek(messaging.sqs, queue)).toHaveLength(1);
  await expect(post(standIn.endpoint, 'ListRules', {})).rejects.toThrow('fetch failed');
});
