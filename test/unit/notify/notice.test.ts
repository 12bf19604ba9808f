import { expect, test } from 'vitest';
import { noticeOf } from '../../../shared/notify/notice.ts';
import { anArrival, anObject } from '../../support/builders.ts';

const facts = { arrival: anArrival(), object: anObject(), messageId: 'm', at: 0, engine: 'ClamAV' };
const delivered = { outcome: 'delivered', landingPath: 'reports/a.csv', sha256: 'ff' } as const;

test('a notice says what happened to which upload, and where it is', () => {
  expect(noticeOf(delivered, facts)).toEqual({
    schema: 'airlock.notice/1',
    id: expect.stringMatching(/^[0-9a-f]{32}$/),
    outcome: 'delivered',
    at: '1970-01-01T00:00:00.000Z',
    partner: 'acme',
    object: {
      bucket: 'inbox',
      key: 'reports/a.csv',
      versionId: 'v1',
      etag: '900150983cd24fb0d6963f7d28e17f72',
      sizeBytes: 3,
      arrivedAt: '2026-11-21T09:00:00.000Z',
    },
    landingPath: 'reports/a.csv',
    sha256: 'ff',
    engine: 'ClamAV',
  });
});

test('the id is the same for a repetition and different for anything else', () => {
  const id = (over: Partial<typeof facts>, outcome: Parameters<typeof noticeOf>[0] = delivered) =>
    noticeOf(outcome, { ...facts, ...over }).id;
  expect(id({ at: 1, messageId: 'other' })).toBe(id({}));
  expect(id({ arrival: anArrival({ versionId: 'v2' }) })).not.toBe(id({}));
  expect(id({ arrival: anArrival({ key: 'b' }) })).not.toBe(id({}));
  expect(id({}, { outcome: 'superseded', by: 'deletion' })).not.toBe(id({}));
});

test('a refused message without an object is known by its message id', () => {
  const refused = { outcome: 'refused', code: 'EVENT_MALFORMED', reason: 'not JSON' } as const;
  const notice = noticeOf(refused, { arrival: undefined, messageId: 'm-7', at: 0 });
  expect(notice).toMatchObject({ outcome: 'refused', code: 'EVENT_MALFORMED', reason: 'not JSON' });
  expect(notice).not.toHaveProperty('object');
  const other = noticeOf(refused, { arrival: undefined, messageId: 'm-8', at: 0 });
  expect(other.id).not.toBe(notice.id);
});
