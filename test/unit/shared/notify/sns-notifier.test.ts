import { expect, test } from 'vitest';
import { filterAttributes } from '../../../../shared/notify/sns-notifier.ts';
import { noticeOf } from '../../../../shared/notify/notice.ts';
import { anArrival, anObject } from '../../../support/builders.ts';

const skipped = { kind: 'skipped', reason: 'r' } as const;
const attributesFor = (key: string, sizeBytes = 3) =>
  filterAttributes(
    noticeOf(skipped, {
      arrival: anArrival({ key, sizeBytes }),
      object: anObject(),
      messageId: 'm',
      at: 0,
    }),
  );

test.each([
  ['in/a.csv', { extension: 'csv', firstDirectory: 'in' }],
  ['A.CSV', { extension: 'csv' }],
  ['in/deep/archive.tar.gz', { extension: 'gz', firstDirectory: 'in' }],
  ['README', {}],
  ['.hidden', {}],
  ['in/.hidden', { firstDirectory: 'in' }],
  ['in.d/file', { firstDirectory: 'in.d' }],
  ['ends-with.', {}],
  ['a\u0001/b.c\u0002', { extension: 'c\\u0002', firstDirectory: 'a\\u0001' }],
])('%j can be filtered by %o', (key, expected) => {
  const { outcome, partner, sizeClass, ...others } = attributesFor(key);
  expect([outcome, partner, sizeClass]).toEqual(['skipped', 'acme', 'small']);
  expect(others).toEqual(expected);
});

test.each([
  [0, 'empty'],
  [1, 'small'],
  [999_999, 'small'],
  [1_000_000, 'medium'],
  [99_999_999, 'medium'],
  [100_000_000, 'large'],
  [1_000_000_000, 'huge'],
])('%d bytes are %s', (sizeBytes, sizeClass) => {
  expect(attributesFor('a', sizeBytes)).toMatchObject({ sizeClass });
});

test('a message that named no object is known by its outcome alone', () => {
  const refused = { kind: 'refused', code: 'EVENT_MALFORMED', reason: 'r' } as const;
  const notice = noticeOf(refused, { arrival: undefined, messageId: 'm', at: 0 });
  expect(filterAttributes(notice)).toEqual({ outcome: 'refused' });
});
