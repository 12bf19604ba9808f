import {
  PutEventsCommand,
  type PutEventsCommandInput,
  type PutEventsRequestEntry,
} from '@aws-sdk/client-eventbridge';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openEventWorld, type EventWorld } from './event-world.ts';

let world: EventWorld;
beforeAll(async () => {
  world = await openEventWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

const entry = { Source: 'airlock', DetailType: 'Object Delivered', Detail: '{}' };
const put = (...Entries: NonNullable<PutEventsCommandInput['Entries']>) =>
  world.events.send(new PutEventsCommand({ Entries }));

const nested = (levels: number) => `${'{"a":'.repeat(levels - 1)}{}${'}'.repeat(levels - 1)}`;
const withBytes = (bytes: number) => ({
  ...entry,
  Detail: JSON.stringify({ a: 'x'.repeat(bytes) }),
});

test('an entry that is refused has a reason, and the others are published', async () => {
  const { Source: _, ...sourceless } = entry;
  const { FailedEntryCount, Entries } = await put(entry, sourceless, entry);
  expect(FailedEntryCount).toBe(1);
  expect(Entries).toEqual([
    { EventId: expect.stringMatching(/^[0-9a-f-]{36}$/) },
    {
      ErrorCode: 'InvalidArgument',
      ErrorMessage: 'Parameter Source is not valid. Reason: Source is a required argument.',
    },
    { EventId: expect.stringMatching(/^[0-9a-f-]{36}$/) },
  ]);
  expect(Entries?.[0]?.EventId).not.toBe(Entries?.[2]?.EventId);
});

test.each<[string, PutEventsRequestEntry, string]>([
  ['an empty source', { ...entry, Source: '' }, 'InvalidArgument'],
  ['no detail type', { ...entry, DetailType: undefined }, 'InvalidArgument'],
  ['no detail', { ...entry, Detail: undefined }, 'InvalidArgument'],
  ['a detail type of 129 characters', { ...entry, DetailType: 'x'.repeat(129) }, 'InvalidArgument'],
  ['a detail that is not JSON', { ...entry, Detail: '{' }, 'MalformedDetail'],
  ['a detail that is a list', { ...entry, Detail: '[]' }, 'MalformedDetail'],
  ['a detail that is a string', { ...entry, Detail: '"x"' }, 'MalformedDetail'],
  ['a detail nested too deeply', { ...entry, Detail: nested(1001) }, 'MalformedDetail'],
  ['the name of an AWS service', { ...entry, Source: 'aws.s3' }, 'NotAuthorizedForSourceException'],
])('an entry is refused for %s', async (_, refused, code) => {
  const { FailedEntryCount, Entries } = await put(entry, refused);
  expect(FailedEntryCount).toBe(1);
  expect(Entries?.[1]).toMatchObject({ ErrorCode: code, ErrorMessage: expect.any(String) });
  expect(Entries?.[1]?.EventId).toBeUndefined();
});

test('a detail of a thousand levels is accepted', async () => {
  expect(await put({ ...entry, Detail: nested(1000) })).toMatchObject({ FailedEntryCount: 0 });
});

test('an event for a bus that does not exist is accepted, as on AWS', async () => {
  const { FailedEntryCount, Entries } = await put({ ...entry, EventBusName: 'other' });
  expect(FailedEntryCount).toBe(0);
  expect(Entries).toEqual([{ EventId: expect.any(String) }]);
});

describe('a whole request is refused', () => {
  const invalid = { name: 'ValidationException', $metadata: { httpStatusCode: 400 } };

  test('with no entries', async () => {
    await expect(put()).rejects.toMatchObject(invalid);
  });

  test('with eleven entries', async () => {
    await expect(put(...Array.from({ length: 11 }, () => entry))).rejects.toMatchObject(invalid);
  });

  test('when the entries together reach a megabyte, and not before', async () => {
    const padding = 1024 * 1024 - Buffer.byteLength('airlockObject Delivered{"a":""}');
    await expect(put(withBytes(padding))).rejects.toMatchObject(invalid);
    expect(await put(withBytes(padding - 1))).toMatchObject({ FailedEntryCount: 0 });
  });
});
