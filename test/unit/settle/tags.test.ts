import { expect, test } from 'vitest';
import { isSettled, settledTags } from '../../../shared/settle/tags.ts';

const settlement = { status: 'clean', engine: 'ClamAV 1.4.6/27500/Sat', settledAt: 0 } as const;
const tagsOfCount = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`t${index}`, 'x']));

test("the ending is added to the sender's tags", () => {
  const tags = settledTags({ project: 'moon' }, settlement);
  expect(tags).toEqual({
    project: 'moon',
    'scan-status': 'clean',
    'scan-time': '1970-01-01T00:00:00.000Z',
    'scan-engine': 'ClamAV 1.4.6/27500/Sat',
  });
  expect(isSettled(tags)).toBe(true);
  expect(isSettled({ project: 'moon' })).toBe(false);
});

test('settling again replaces our tags alone', () => {
  const once = settledTags({ project: 'moon' }, settlement);
  expect(settledTags(once, { ...settlement, settledAt: 1000 })).toEqual({
    ...once,
    'scan-time': '1970-01-01T00:00:01.000Z',
  });
});

test('with one place left, the status takes it', () => {
  const tags = settledTags(tagsOfCount(9), settlement);
  expect(Object.keys(tags)).toHaveLength(10);
  expect(tags).toMatchObject(tagsOfCount(9));
  expect(isSettled(tags)).toBe(true);
});

test('with no place left it is an error of its own', () => {
  expect(() => settledTags(tagsOfCount(10), settlement)).toThrow(
    expect.objectContaining({ code: 'TAGS_FULL', disposition: 'dead-letter' }),
  );
});

test('a tag value holds only what S3 allows', () => {
  const tags = settledTags({}, { ...settlement, engine: 'ClamAV (1.4)\n' + 'x'.repeat(300) });
  expect(tags['scan-engine']).toMatch(/^ClamAV _1\.4__x{243}$/);
});
