import { TestEventPatternCommand } from '@aws-sdk/client-eventbridge';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openEventWorld, type EventWorld } from './event-world.ts';
import { inboxPattern, objectCreated } from '../../support/object-created.ts';

let world: EventWorld;
beforeAll(async () => {
  world = await openEventWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

async function matches(pattern: unknown, event: unknown): Promise<boolean | undefined> {
  const { Result } = await world.events.send(
    new TestEventPatternCommand({
      EventPattern: typeof pattern === 'string' ? pattern : JSON.stringify(pattern),
      Event: typeof event === 'string' ? event : JSON.stringify(event),
    }),
  );
  return Result;
}

const onDetail = (detail: unknown) => ({ detail });
const onKey = (alternative: unknown) => onDetail({ object: { key: [alternative] } });
const onSize = (alternative: unknown) => onDetail({ object: { size: [alternative] } });

describe('TestEventPattern says yes to', () => {
  test.each([
    ['the pattern of the inbox', inboxPattern],
    ['a resource in common', { resources: ['arn:aws:s3:::other', 'arn:aws:s3:::airlock-inbox'] }],
    ['a prefix', onKey({ prefix: 'acme/' })],
    ['a prefix in another case', onKey({ prefix: { 'equals-ignore-case': 'ACME/' } })],
    ['a suffix', onKey({ suffix: '.csv' })],
    ['equals-ignore-case', onDetail({ reason: [{ 'equals-ignore-case': 'putobject' }] })],
    ['a wildcard', onKey({ wildcard: 'acme/*/*.csv' })],
    ['anything-but', onDetail({ reason: [{ 'anything-but': ['CopyObject'] }] })],
    ['anything-but with a wildcard', onKey({ 'anything-but': { wildcard: '*/out/*' } })],
    ['a number', onSize(5)],
    ['a numeric range', onSize({ numeric: ['>', 0, '<=', 5] })],
    ['exists', onDetail({ object: { 'version-id': [{ exists: true }] } })],
    ['absence', onDetail({ object: { deleted: [{ exists: false }] } })],
    ['cidr', onDetail({ 'source-ip-address': [{ cidr: '1.2.3.0/24' }] })],
    ['$or', { $or: [{ source: ['aws.ec2'] }, onSize({ numeric: ['<', 6] })] }],
  ])('%s', async (_, pattern) => {
    expect(await matches(pattern, objectCreated)).toBe(true);
  });
});

describe('TestEventPattern says no to', () => {
  test.each([
    ['another bucket', onDetail({ bucket: { name: ['other'] } })],
    ['a decoded key', onKey('acme/in/report 1 1 .csv')],
    ['a number as a string', onSize('5')],
    ['a range that ends before', onSize({ numeric: ['<', 5] })],
    ['anything-but a prefix it has', onKey({ 'anything-but': { prefix: 'acme' } })],
    ['an absent field', onDetail({ deleted: ['yes'] })],
    ['an object as a leaf', onDetail({ object: [{ exists: true }] })],
  ])('%s', async (_, pattern) => {
    expect(await matches(pattern, objectCreated)).toBe(false);
  });
});

describe('TestEventPattern refuses', () => {
  test.each([
    ['a leaf that is not an array', { source: 'aws.s3' }],
    ['an unknown operator', { source: [{ like: 'aws' }] }],
    ['an empty pattern', {}],
    ['text that is not JSON', '{'],
    ['$or with one alternative', { $or: [{ source: ['x'] }] }],
    ['consecutive wildcards', onKey({ wildcard: '**' })],
  ])('%s', async (_, pattern) => {
    await expect(matches(pattern, objectCreated)).rejects.toMatchObject({
      name: 'InvalidEventPatternException',
      message: expect.stringContaining('Event pattern is not valid. Reason: '),
      $metadata: { httpStatusCode: 400 },
    });
  });

  test.each(['id', 'account', 'source', 'time', 'region', 'resources', 'detail-type'])(
    'an event without %s',
    async (name) => {
      const { [name]: _, ...event } = objectCreated as Record<string, unknown>;
      await expect(matches(inboxPattern, event)).rejects.toMatchObject({
        name: 'ValidationException',
      });
    },
  );

  test('an event that is not JSON', async () => {
    await expect(matches(inboxPattern, 'x')).rejects.toMatchObject({ name: 'ValidationException' });
  });
});
