import { expect, test } from 'vitest';
import { anObject } from '../../../support/builders.ts';
import {
  isSettled,
  refusedTags,
  settledTags,
  wasDelivered,
} from '../../../../shared/inbox/ledger-tags.ts';

const settlement = { status: 'clean', engine: 'ClamAV 1.4.6/27500/Sat', settledAt: 0 } as const;
const tagsOfCount = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`t${index}`, 'x']));

test("the outcome is added to the sender's tags", () => {
  const tags = settledTags(anObject({ tags: { project: 'moon' } }), settlement);
  expect(tags).toEqual({
    project: 'moon',
    'scan-status': 'clean',
    'scan-upload': expect.stringMatching(/^[0-9a-f]{32}$/),
    'scan-time': '1970-01-01T00:00:00.000Z',
    'scan-engine': 'ClamAV 1.4.6/27500/Sat',
  });
  expect(isSettled(anObject(), tags)).toBe(true);
  expect(isSettled(anObject(), { project: 'moon' })).toBe(false);
});

test('tags that were copied with an object settle nothing', () => {
  const tags = settledTags(anObject(), settlement);
  expect(isSettled(anObject({ key: 'renamed' }), tags)).toBe(false);
  expect(isSettled(anObject({ versionId: 'v2' }), tags)).toBe(false);
  expect(isSettled(anObject({ bucket: 'other' }), tags)).toBe(false);
});

test('settling again replaces only our tags', () => {
  const once = settledTags(anObject({ tags: { project: 'moon' } }), settlement);
  expect(settledTags(anObject({ tags: once }), { ...settlement, settledAt: 1000 })).toEqual({
    ...once,
    'scan-time': '1970-01-01T00:00:01.000Z',
  });
});

test('with room for one tag, it is the ledger entry', () => {
  const tags = settledTags(anObject({ tags: tagsOfCount(9) }), settlement);
  expect(Object.keys(tags)).toHaveLength(10);
  expect(tags).toMatchObject(tagsOfCount(9));
  expect(isSettled(anObject(), tags)).toBe(true);
});

test('with no room it is an error of its own', () => {
  expect(() => settledTags(anObject({ tags: tagsOfCount(10) }), settlement)).toThrow(
    expect.objectContaining({ code: 'TAGS_FULL', disposition: 'dead-letter' }),
  );
});

test('a tag value holds only what S3 allows', () => {
  const tags = settledTags(anObject(), {
    ...settlement,
    engine: 'ClamAV (1.4)\n' + 'x'.repeat(300),
  });
  expect(tags['scan-engine']).toMatch(/^ClamAV _1\.4__x{243}$/);
});

test('the ledger distinguishes what was delivered from what was settled otherwise', () => {
  const delivered = settledTags(anObject(), settlement);
  const superseded = settledTags(anObject(), { ...settlement, status: 'superseded' });
  expect([isSettled(anObject(), delivered), wasDelivered(anObject(), delivered)]).toEqual([
    true,
    true,
  ]);
  expect([isSettled(anObject(), superseded), wasDelivered(anObject(), superseded)]).toEqual([
    true,
    false,
  ]);
});

test('a dead letter does not undo what was settled', () => {
  const tags = settledTags(anObject(), settlement);
  expect(refusedTags(anObject(), tags)).toEqual(tags);
});
