import { expect, test } from 'vitest';
import { humanBytes, outcomeLine } from '../../../../local/console/outcome-line.ts';
import type { Notice } from '../../../../shared/notify/notice.ts';

const notice: Notice = {
  schema: 'airlock.notice/1',
  id: '1',
  outcome: 'delivered',
  at: '2026-11-21T09:00:00.000Z',
  object: { bucket: 'inbox', key: 'a/b.csv', etag: 'e', sizeBytes: 1500, arrivedAt: '' },
};
const lineFor = (over: Partial<Notice>): string => outcomeLine({ ...notice, ...over }).slice(10);

test.each<[Partial<Notice>, string]>([
  [{}, 'delivered    a/b.csv (1.5 kB)'],
  [{ outcome: 'quarantined', signature: 'Eicar' }, 'quarantined  a/b.csv (1.5 kB): Eicar'],
  [{ outcome: 'held', reason: 'encrypted: X' }, 'held         a/b.csv (1.5 kB): encrypted: X'],
  [
    { outcome: 'refused', code: 'KEY_UNSAFE', reason: 'why' },
    'refused      a/b.csv (1.5 kB): KEY_UNSAFE: why; it is in the dead-letter queue',
  ],
])('%j', (over, line) => {
  expect(lineFor(over)).toBe(line);
});

test('control characters in a name are escaped', () => {
  const object = { bucket: 'inbox', key: 'a\n\u001b[2J', etag: 'e', sizeBytes: 0, arrivedAt: '' };
  expect(lineFor({ object })).toBe('delivered    a\\u000a\\u001b[2J (0 B)');
});

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.0 kB'],
  [20_000_000, '20.0 MB'],
  [5e15, '5000.0 TB'],
])('%d bytes are %s', (bytes, text) => {
  expect(humanBytes(bytes)).toBe(text);
});
