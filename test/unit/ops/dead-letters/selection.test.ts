import { expect, test } from 'vitest';
import { parseDuration } from '../../../../ops/duration.ts';
import {
  requireSelection,
  select,
  type Selection,
} from '../../../../ops/dead-letters/selection.ts';
import type { DeadLetter } from '../../../../shared/dead-letters/dead-letter.ts';

const NOW = 1_000_000_000;
const dead = (messageId: string, over: Partial<DeadLetter> = {}) => ({
  deadLetter: {
    queue: 'ingest',
    messageId,
    code: 'KEY_UNSAFE',
    reason: undefined,
    sentAt: NOW - 60_000,
    bucket: 'inbox',
    key: `in/${messageId}.csv`,
    versionId: undefined,
    sizeBytes: undefined,
    partner: 'acme',
    tryCount: undefined,
    firstReceivedAt: undefined,
    requestId: undefined,
    body: '{}',
    ...over,
  } satisfies DeadLetter,
});
const ALL = [
  dead('aa-1', { sentAt: NOW - 3_600_000 }),
  dead('aa-2', { partner: 'other' }),
  dead('bb-1', { code: 'LANDING_FULL', key: undefined, queue: 'undelivered' }),
];
const ids = (selection: Selection): string[] =>
  select(ALL, selection, NOW).map(({ deadLetter }) => deadLetter.messageId);

test.each<[Selection, string[]]>([
  [{}, ['aa-1', 'aa-2', 'bb-1']],
  [{ partner: 'acme' }, ['aa-1', 'bb-1']],
  [{ key: '*1.csv' }, ['aa-1']],
  [{ code: 'landing_full' }, ['bb-1']],
  [{ queue: 'ingest' }, ['aa-1', 'aa-2']],
  [{ olderThan: 600_000 }, ['aa-1']],
  [{ newerThan: 600_000 }, ['aa-2', 'bb-1']],
  [{ limit: 2 }, ['aa-1', 'aa-2']],
  [{ id: ['bb', 'aa-2', 'bb-1'] }, ['bb-1', 'aa-2']],
  [{ id: ['bb'], partner: 'other' }, []],
])('%j selects %j', (selection, expected) => {
  expect(ids(selection)).toEqual(expected);
});

test('an id that begins several, or none, is refused', () => {
  expect(() => ids({ id: ['aa'] })).toThrow(/beginning of 2 dead letters/);
  expect(() => ids({ id: ['zz'] })).toThrow(/no dead letter zz/);
});

test('a code that nobody knows is refused, one that only the queue knows is taken', () => {
  expect(() => ids({ code: 'NOSUCH' })).toThrow(/no code NOSUCH/);
  const odd = [dead('x', { code: 'SDK_CLIENT_ERROR' })];
  expect(select(odd, { code: 'SDK_CLIENT_ERROR' }, NOW)).toHaveLength(1);
});

test('a command that changes something needs a choice or --all, and not both', () => {
  expect(() => requireSelection({})).toThrow(/not clear/);
  expect(() => requireSelection({ limit: 3 })).toThrow(/not clear/);
  expect(() => requireSelection({ all: true, partner: 'acme' })).toThrow(/together/);
  expect(() => requireSelection({ all: true, limit: 3 })).not.toThrow();
  expect(() => requireSelection({ partner: 'acme' })).not.toThrow();
});

test('ages have units', () => {
  expect(['90s', '30m', '12h', '3d'].map(parseDuration)).toEqual([
    90_000, 1_800_000, 43_200_000, 259_200_000,
  ]);
  for (const text of ['', '3', '-1d', '1.5h', '3 d', '1w']) {
    expect(() => parseDuration(text)).toThrow(/like 90s/);
  }
});
