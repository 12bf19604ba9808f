import { randomUUID } from 'node:crypto';
import {
  DeleteRuleCommand,
  DescribeRuleCommand,
  ListRulesCommand,
  ListTargetsByRuleCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
  type Target,
} from '@aws-sdk/client-eventbridge';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ACCOUNT_ID, openEventWorld, REGION, type EventWorld } from './event-world.ts';

let world: EventWorld;
beforeAll(async () => {
  world = await openEventWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

const queueArn = (name: string) => `arn:aws:sqs:${REGION}:${ACCOUNT_ID}:${name}`;
const notFound = { name: 'ResourceNotFoundException', $metadata: { httpStatusCode: 400 } };
const invalid = { name: 'ValidationException', $metadata: { httpStatusCode: 400 } };

test('a rule is described as it was put', async () => {
  const { name, arn } = await world.newRule({ source: ['x'] }, []);
  expect(arn).toBe(`arn:aws:events:${REGION}:${ACCOUNT_ID}:rule/${name}`);
  expect(await world.events.send(new DescribeRuleCommand({ Name: name }))).toMatchObject({
    Name: name,
    Arn: arn,
    EventPattern: '{"source":["x"]}',
    State: 'ENABLED',
    EventBusName: 'default',
  });
});

test('rules are listed by name prefix', async () => {
  const { name } = await world.newRule({ source: ['x'] }, [], 'DISABLED');
  await world.newRule({ source: ['x'] }, []);
  const { Rules } = await world.events.send(new ListRulesCommand({ NamePrefix: name }));
  expect(Rules).toEqual([expect.objectContaining({ Name: name, State: 'DISABLED' })]);
});

test('the default bus is addressed by its name or its ARN', async () => {
  const { name } = await world.newRule({ source: ['x'] }, []);
  const arn = `arn:aws:events:${REGION}:${ACCOUNT_ID}:event-bus/default`;
  for (const EventBusName of ['default', arn]) {
    const described = await world.events.send(
      new DescribeRuleCommand({ Name: name, EventBusName }),
    );
    expect(described.Name).toBe(name);
  }
});

test('targets are listed, replaced by id and removed', async () => {
  const { name } = await world.newRule({ source: ['x'] }, []);
  const first = {
    Id: 'a',
    Arn: queueArn('first'),
    InputPath: '$.detail',
    DeadLetterConfig: { Arn: queueArn('dead') },
    RetryPolicy: { MaximumRetryAttempts: 3 },
  };
  const second = { Id: 'b', Arn: queueArn('second') };
  const putTargets = (...Targets: Target[]) =>
    world.events.send(new PutTargetsCommand({ Rule: name, Targets }));
  const list = async () =>
    (await world.events.send(new ListTargetsByRuleCommand({ Rule: name }))).Targets;

  expect(await putTargets(first, second)).toMatchObject({ FailedEntryCount: 0 });
  expect(await list()).toEqual([first, second]);
  await putTargets({ ...second, Arn: queueArn('third') });
  expect(await list()).toEqual([first, { ...second, Arn: queueArn('third') }]);

  const removed = await world.events.send(
    new RemoveTargetsCommand({ Rule: name, Ids: ['a', 'zz'] }),
  );
  expect(removed).toMatchObject({
    FailedEntryCount: 1,
    FailedEntries: [{ TargetId: 'zz', ErrorCode: 'ResourceNotFoundException' }],
  });
  expect(await list()).toHaveLength(1);
});

test('a rule with targets cannot be deleted; deleting one without, or a missing one, succeeds', async () => {
  const { name } = await world.newRule({ source: ['x'] }, [{ Arn: queueArn('q') }]);
  const remove = () => world.events.send(new DeleteRuleCommand({ Name: name }));
  await expect(remove()).rejects.toMatchObject(invalid);
  await world.events.send(new RemoveTargetsCommand({ Rule: name, Ids: ['t0'] }));
  await remove();
  await remove();
  await expect(world.events.send(new DescribeRuleCommand({ Name: name }))).rejects.toMatchObject(
    notFound,
  );
});

const putRule = (input: Partial<PutRuleCommand['input']>) =>
  world.events.send(new PutRuleCommand({ Name: `rule-${randomUUID()}`, ...input }));

describe('PutRule refuses', () => {
  test('an invalid pattern', async () => {
    await expect(putRule({ EventPattern: '{"source":"aws.s3"}' })).rejects.toMatchObject({
      name: 'InvalidEventPatternException',
      message: expect.stringContaining('"source" must be an object or an array'),
    });
  });

  test('an invalid replacement, and keeps the rule', async () => {
    const { name } = await world.newRule({ source: ['x'] }, []);
    await expect(putRule({ Name: name, EventPattern: '{}' })).rejects.toThrow(/Empty objects/);
    const { EventPattern } = await world.events.send(new DescribeRuleCommand({ Name: name }));
    expect(EventPattern).toBe('{"source":["x"]}');
  });

  test.each([
    ['no pattern', {}],
    ['a name with a space', { Name: 'a b', EventPattern: '{"source":["x"]}' }],
    ['a name of 65 characters', { Name: 'a'.repeat(65), EventPattern: '{"source":["x"]}' }],
  ])('%s', async (_, input) => {
    await expect(putRule(input)).rejects.toMatchObject(invalid);
  });

  test('a bus that does not exist', async () => {
    const input = { EventPattern: '{"source":["x"]}', EventBusName: 'other' };
    await expect(putRule(input)).rejects.toMatchObject(notFound);
  });
});

const putToNewRule = async (...Targets: Target[]) => {
  const { name } = await world.newRule({ source: ['x'] }, []);
  return world.events.send(new PutTargetsCommand({ Rule: name, Targets }));
};

describe('PutTargets refuses', () => {
  const queue = { Id: 'a', Arn: queueArn('q') };

  test.each<[string, Target, RegExp]>([
    ['both inputs', { ...queue, Input: '{}', InputPath: '$' }, /Only one of Input, InputPath/],
    ['an Input that is not JSON', { ...queue, Input: 'x' }, /Input/],
    ['an invalid InputPath', { ...queue, InputPath: 'detail' }, /InputPath/],
    ['an id with a space', { ...queue, Id: 'a b' }, /Id/],
    [
      'a dead-letter queue that is a topic',
      { ...queue, DeadLetterConfig: { Arn: queueArn('q').replace('sqs', 'sns') } },
      /DeadLetterConfig/,
    ],
  ])('%s', async (_, target, reason) => {
    await expect(putToNewRule(target)).rejects.toMatchObject({
      ...invalid,
      message: expect.stringMatching(reason),
    });
  });

  test('targets for a rule that does not exist', async () => {
    await expect(
      world.events.send(new PutTargetsCommand({ Rule: randomUUID(), Targets: [queue] })),
    ).rejects.toMatchObject(notFound);
  });

  test('more than five', async () => {
    const targets = Array.from({ length: 6 }, (_, index) => ({ ...queue, Id: `t${index}` }));
    await expect(putToNewRule(...targets)).rejects.toMatchObject({
      name: 'LimitExceededException',
    });
  });
});
