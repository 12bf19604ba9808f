import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createEvent, type BusEvent } from '../../../local/events/bus-event.ts';
import type { Drop } from '../../../local/events/deliver.ts';
import { EventBus, type EventBusOptions } from '../../../local/events/event-bus.ts';
import {
  ACCOUNT_ID,
  attributesOf,
  createQueue,
  peek,
  receive,
  REGION,
  startMessaging,
  type Queue,
} from './event-world.ts';
import { inboxPattern, objectCreated } from '../../support/object-created.ts';

let messaging: Awaited<ReturnType<typeof startMessaging>>;
beforeAll(async () => {
  messaging = await startMessaging();
});
afterAll(() => messaging[Symbol.asyncDispose]());

function openBus(options: Partial<EventBusOptions> = {}) {
  const drops: Drop[] = [];
  const delaysMs: number[] = [];
  const bus = new EventBus({
    region: REGION,
    accountId: ACCOUNT_ID,
    ...messaging,
    onDropped: (drop) => drops.push(drop),
    delay: (ms) => Promise.resolve(delaysMs.push(ms)),
    ...options,
  });
  return { bus, drops, delaysMs, [Symbol.asyncDispose]: () => bus[Symbol.asyncDispose]() };
}

/** Intercepts commands before the SDK processes them; an error thrown here is not retried. */
function interceptSends(seen: (input: object) => void): Disposable {
  const { middlewareStack } = messaging.sqs;
  const name = randomUUID();
  middlewareStack.add(
    (next) => (args) => {
      seen(args.input);
      return next(args);
    },
    { step: 'initialize', name },
  );
  return { [Symbol.dispose]: () => void middlewareStack.remove(name) };
}

/** Lets a number of sends to a queue fail with a server error. */
function breakQueue(queue: Queue, failureCount: number): Disposable {
  const queueName = queue.arn.split(':').at(-1) ?? '';
  let left = failureCount;
  return interceptSends((input) => {
    if (!('MessageBody' in input) || !('QueueUrl' in input)) return;
    if (!String(input.QueueUrl).endsWith(queueName) || left-- <= 0) return;
    throw Object.assign(new Error('try again later'), { $metadata: { httpStatusCode: 503 } });
  });
}

const event: BusEvent = createEvent(
  { source: 'airlock', detailType: 'x', detail: { key: 'a' }, at: new Date(0) },
  { account: ACCOUNT_ID, region: REGION },
);
const pattern = { source: ['airlock'] };

test('events of AWS services can be published in the process, and arrive unchanged', async () => {
  await using opened = openBus();
  const queue = await createQueue(messaging.sqs);
  opened.bus.putRule({ name: 'inbox', pattern: inboxPattern });
  opened.bus.putTargets('inbox', [{ id: 'ingest', arn: queue.arn }]);

  await opened.bus.publish(objectCreated);

  expect((await receive(messaging.sqs, queue)).Body).toBe(JSON.stringify(objectCreated));
});

test('the trace header travels with the message', async () => {
  await using opened = openBus();
  const queue = await createQueue(messaging.sqs);
  opened.bus.putRule({ name: 'r', pattern });
  opened.bus.putTargets('r', [{ id: 't', arn: queue.arn }]);
  const traceHeader = 'Root=1-5759e988-bd862e3fe1be46a994272793';
  // Checked when it is sent, because fauxqs does not store it.
  const inputs: object[] = [];
  using _ = interceptSends((input) => inputs.push(input));

  await opened.bus.publish(event, { traceHeader });

  expect(inputs).toMatchObject([
    {
      MessageSystemAttributes: {
        AWSTraceHeader: { DataType: 'String', StringValue: traceHeader },
      },
    },
  ]);
});

test('a target that fails for a while gets the event after some retries', async () => {
  await using opened = openBus();
  const queue = await createQueue(messaging.sqs);
  using _ = breakQueue(queue, 3);
  opened.bus.putRule({ name: 'r', pattern });
  opened.bus.putTargets('r', [{ id: 't', arn: queue.arn }]);

  await opened.bus.publish(event);

  expect(opened.delaysMs).toEqual([50, 100, 200]);
  expect(opened.drops).toEqual([]);
  expect(JSON.parse((await receive(messaging.sqs, queue)).Body ?? '')).toEqual(event);
});

test('a permanently failing target does not affect the others, and its event is dead-lettered', async () => {
  await using opened = openBus();
  const [bad, good, dead] = await Promise.all([1, 2, 3].map(() => createQueue(messaging.sqs)));
  if (!bad || !good || !dead) throw new Error('no queues');
  using _ = breakQueue(bad, Infinity);
  const { arn } = opened.bus.putRule({ name: 'r', pattern });
  opened.bus.putTargets('r', [
    { id: 'bad', arn: bad.arn, deadLetterArn: dead.arn },
    { id: 'good', arn: good.arn },
  ]);

  await opened.bus.publish(event);

  await receive(messaging.sqs, good);
  const deadLetter = await receive(messaging.sqs, dead);
  expect(JSON.parse(deadLetter.Body ?? '')).toEqual(event);
  expect(attributesOf(deadLetter)).toEqual({
    RULE_ARN: arn,
    TARGET_ARN: bad.arn,
    ERROR_CODE: 'ERROR_FROM_TARGET',
    ERROR_MESSAGE: 'try again later',
    EXHAUSTED_RETRY_CONDITION: 'MaximumRetryAttempts',
    RETRY_ATTEMPTS: '5',
  });
  expect(opened.drops).toEqual([]);
});

test("a target's own number of retries applies", async () => {
  await using opened = openBus();
  const queue = await createQueue(messaging.sqs);
  using _ = breakQueue(queue, Infinity);
  opened.bus.putRule({ name: 'r', pattern });
  opened.bus.putTargets('r', [{ id: 't', arn: queue.arn, maximumRetryAttempts: 1 }]);

  await opened.bus.publish(event);

  expect(opened.delaysMs).toEqual([50]);
  expect(opened.drops).toHaveLength(1);
});

describe('a drop is reported', () => {
  const gone = `arn:aws:sqs:${REGION}:${ACCOUNT_ID}:gone`;

  test('when a target without dead-letter queue fails', async () => {
    await using opened = openBus();
    opened.bus.putRule({ name: 'r', pattern });
    opened.bus.putTargets('r', [{ id: 't', arn: gone }]);
    await opened.bus.publish(event);
    expect(opened.drops).toEqual([{ rule: 'r', targetArn: gone, event, error: expect.any(Error) }]);
  });

  test('when a topic is gone', async () => {
    await using opened = openBus();
    const topic = gone.replace('sqs', 'sns');
    opened.bus.putRule({ name: 'r', pattern });
    opened.bus.putTargets('r', [{ id: 't', arn: topic }]);
    await opened.bus.publish(event);
    expect(opened.delaysMs).toEqual([]);
    expect(opened.drops).toMatchObject([{ rule: 'r', targetArn: topic }]);
  });

  test('when the dead-letter queue fails as well, with both reasons', async () => {
    await using opened = openBus();
    opened.bus.putRule({ name: 'r', pattern });
    opened.bus.putTargets('r', [{ id: 't', arn: gone, deadLetterArn: `${gone}-too` }]);
    await opened.bus.publish(event);
    const [drop] = opened.drops;
    expect(String(drop?.error)).toMatch(/not delivered .* nor sent to .*gone-too/);
    expect(drop?.error).toMatchObject({ cause: expect.any(Error) });
  });

  test('when an event is published on a closed bus', async () => {
    const opened = openBus();
    const queue = await createQueue(messaging.sqs);
    opened.bus.putRule({ name: 'r', pattern });
    opened.bus.putTargets('r', [{ id: 't', arn: queue.arn }]);
    await opened.bus[Symbol.asyncDispose]();
    await opened.bus.publish(event);
    expect(opened.drops).toHaveLength(1);
    expect(await peek(messaging.sqs, queue)).toEqual([]);
  });

  test('when the bus closes while a retry is waiting', async () => {
    const waiting = Promise.withResolvers<void>();
    const opened = openBus({
      drainMs: 0,
      async delay(_, signal) {
        const aborted = once(signal, 'abort');
        waiting.resolve();
        await aborted;
        signal.throwIfAborted();
      },
    });
    const queue = await createQueue(messaging.sqs);
    using _ = breakQueue(queue, Infinity);
    opened.bus.putRule({ name: 'r', pattern });
    opened.bus.putTargets('r', [{ id: 't', arn: queue.arn, deadLetterArn: queue.arn }]);
    const published = opened.bus.publish(event);
    await waiting.promise;
    await opened.bus[Symbol.asyncDispose]();
    await published;
    expect(opened.drops).toMatchObject([{ rule: 'r', targetArn: queue.arn }]);
    expect(String(opened.drops[0]?.error)).toContain('the event bus closed');
  });
});

describe('a listener', () => {
  test('receives every event until it unsubscribes', async () => {
    await using opened = openBus();
    const events: BusEvent[] = [];
    const stop = opened.bus.subscribe((received) => events.push(received));
    await opened.bus.publish(event);
    stop();
    await opened.bus.publish(event);
    expect(events).toEqual([event]);
  });

  test('that throws does not affect others', async () => {
    await using opened = openBus();
    const warned = once(process, 'warning');
    const events: BusEvent[] = [];
    opened.bus.subscribe(() => {
      throw new Error('not today');
    });
    opened.bus.subscribe((received) => events.push(received));
    await opened.bus.publish(event);
    expect(events).toEqual([event]);
    expect(String(await warned)).toContain('not today');
  });
});

test.each([
  ['a target of another service', { id: 't', arn: 'arn:aws:lambda:x:1:function:f' }, /neither/],
  [
    'an InputPath with a filter',
    { id: 't', arn: 'arn:aws:sqs:x:1:q', inputPath: '$..a' },
    /InputP/,
  ],
])('the bus refuses %s', async (_, target, reason) => {
  await using opened = openBus();
  opened.bus.putRule({ name: 'r', pattern });
  expect(() => opened.bus.putTargets('r', [target])).toThrow(reason);
});
