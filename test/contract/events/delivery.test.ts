import { randomUUID } from 'node:crypto';
import {
  DisableRuleCommand,
  EnableRuleCommand,
  PutEventsCommand,
  PutRuleCommand,
} from '@aws-sdk/client-eventbridge';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { BusEvent } from '../../../local/events/bus-event.ts';
import {
  ACCOUNT_ID,
  attributesOf,
  openEventWorld,
  peek,
  receive,
  REGION,
  type EventWorld,
} from './event-world.ts';

let world: EventWorld;
beforeAll(async () => {
  world = await openEventWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

/** Sends one event after the other to the default bus; returns their ids. */
async function put(source: string, ...details: readonly object[]) {
  const { Entries = [] } = await world.events.send(
    new PutEventsCommand({
      Entries: details.map((detail) => ({
        Source: source,
        DetailType: 'Object Delivered',
        Detail: JSON.stringify(detail),
      })),
    }),
  );
  return Entries.map(({ EventId }) => EventId);
}

// Tests share one bus, so each uses another source.
const newSource = () => `test.${randomUUID()}`;

test('a matching event reaches the queue in the full envelope', async () => {
  const source = newSource();
  const queue = await world.newQueue();
  await world.newRule({ source: [source] }, [{ Arn: queue.arn }]);

  const { Entries, FailedEntryCount } = await world.events.send(
    new PutEventsCommand({
      Entries: [
        {
          Source: source,
          DetailType: 'Object Delivered',
          Detail: '{ "key": "ü/1+1.csv", "size": 5, "tags": [] }',
          Resources: ['arn:aws:s3:::airlock-inbox'],
          Time: new Date('2026-11-12T10:20:30.999Z'),
        },
      ],
    }),
  );

  expect(FailedEntryCount).toBe(0);
  const { Body = '', MessageAttributes } = await receive(world.sqs, queue);
  expect(MessageAttributes).toBeUndefined();
  expect(JSON.parse(Body)).toEqual({
    version: '0',
    id: Entries?.[0]?.EventId,
    'detail-type': 'Object Delivered',
    source,
    account: ACCOUNT_ID,
    time: '2026-11-12T10:20:30Z',
    region: REGION,
    resources: ['arn:aws:s3:::airlock-inbox'],
    detail: { key: 'ü/1+1.csv', size: 5, tags: [] },
  });
});

test('without a time an event gets that of the call, to the second', async () => {
  const source = newSource();
  const queue = await world.newQueue();
  await world.newRule({ source: [source] }, [{ Arn: queue.arn }]);

  await put(source, {});

  const { Body = '' } = await receive(world.sqs, queue);
  const { time, resources }: Partial<BusEvent> = JSON.parse(Body);
  expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  expect(Math.abs(Date.now() - Date.parse(time ?? ''))).toBeLessThan(60_000);
  expect(resources).toEqual([]);
});

test('a matching event reaches a topic, and from there a queue', async () => {
  const source = newSource();
  const queue = await world.newQueue();
  const topic = await world.newTopic(queue);
  await world.newRule({ source: [source] }, [{ Arn: topic }]);

  const [id] = await put(source, { key: 'a' });

  const { Body = '' } = await receive(world.sqs, queue);
  expect(JSON.parse(Body)).toMatchObject({ id, detail: { key: 'a' } });
});

test('an event that does not match is not delivered', async () => {
  const source = newSource();
  const queue = await world.newQueue();
  await world.newRule({ source: [source], detail: { key: [{ prefix: 'in/' }] } }, [
    { Arn: queue.arn },
  ]);

  const [, id] = await put(source, { key: 'out/a' }, { key: 'in/a' });

  const { Body = '' } = await receive(world.sqs, queue);
  expect(JSON.parse(Body)).toMatchObject({ id });
  expect(await peek(world.sqs, queue)).toEqual([]);
});

test('every target of every matching rule gets a copy', async () => {
  const source = newSource();
  const queues = await Promise.all([world.newQueue(), world.newQueue(), world.newQueue()]);
  const [first, second, third] = queues;
  await world.newRule({ source: [source] }, [{ Arn: first.arn }, { Arn: second.arn }]);
  await world.newRule({ source: [source] }, [{ Arn: third.arn }]);

  const [id] = await put(source, {});

  for (const queue of queues) {
    const { Body = '' } = await receive(world.sqs, queue);
    expect(JSON.parse(Body)).toMatchObject({ id });
  }
});

test('a disabled rule delivers nothing until it is enabled', async () => {
  const source = newSource();
  const queue = await world.newQueue();
  const { name } = await world.newRule({ source: [source] }, [{ Arn: queue.arn }], 'DISABLED');

  await put(source, { n: 1 });
  await world.events.send(new EnableRuleCommand({ Name: name }));
  const [enabledId] = await put(source, { n: 2 });
  const { Body = '' } = await receive(world.sqs, queue);
  expect(JSON.parse(Body)).toMatchObject({ id: enabledId });

  await world.events.send(new DisableRuleCommand({ Name: name }));
  const control = await world.newQueue();
  await world.newRule({ source: [source] }, [{ Arn: control.arn }]);
  await put(source, { n: 3 });
  await receive(world.sqs, control);
  expect(await peek(world.sqs, queue)).toEqual([]);
});

test('a replaced rule keeps its targets', async () => {
  const source = newSource();
  const queue = await world.newQueue();
  const { name } = await world.newRule({ source: ['other'] }, [{ Arn: queue.arn }]);
  const EventPattern = JSON.stringify({ source: [source] });
  await world.events.send(new PutRuleCommand({ Name: name, EventPattern }));

  const [id] = await put(source, {});

  const { Body = '' } = await receive(world.sqs, queue);
  expect(JSON.parse(Body)).toMatchObject({ id });
});

test.each([
  ['$.detail', '{"key":"a","list":["x"]}'],
  ['$.detail.key', '"a"'],
  ['$.detail.list[0]', '"x"'],
  ["$['detail-type']", '"Object Delivered"'],
])('InputPath %s delivers that part of the event', async (InputPath, expected) => {
  const source = newSource();
  const queue = await world.newQueue();
  await world.newRule({ source: [source] }, [{ Arn: queue.arn, InputPath }]);

  await put(source, { key: 'a', list: ['x'] });

  expect((await receive(world.sqs, queue)).Body).toBe(expected);
});

test('Input is delivered instead of the event', async () => {
  const source = newSource();
  const queue = await world.newQueue();
  await world.newRule({ source: [source] }, [{ Arn: queue.arn, Input: '{"sweep": true}' }]);

  await put(source, {});

  expect((await receive(world.sqs, queue)).Body).toBe('{"sweep": true}');
});

test('an event for a queue that is gone is dead-lettered at once, with the reason', async () => {
  const source = newSource();
  const deadLetters = await world.newQueue();
  const good = await world.newQueue();
  const gone = `arn:aws:sqs:${REGION}:${ACCOUNT_ID}:gone-${randomUUID()}`;
  const { arn } = await world.newRule({ source: [source] }, [
    { Arn: gone, DeadLetterConfig: { Arn: deadLetters.arn }, InputPath: '$.detail' },
    { Arn: good.arn },
  ]);

  const [id] = await put(source, { key: 'a' });

  const message = await receive(world.sqs, deadLetters);
  expect(JSON.parse(message.Body ?? '')).toMatchObject({ id, source, detail: { key: 'a' } });
  expect(attributesOf(message)).toEqual({
    RULE_ARN: arn,
    TARGET_ARN: gone,
    ERROR_CODE: 'NO_RESOURCE',
    ERROR_MESSAGE: expect.stringContaining('queue does not exist'),
    RETRY_ATTEMPTS: '0',
  });
  expect(JSON.parse((await receive(world.sqs, good)).Body ?? '')).toMatchObject({ id });
});
