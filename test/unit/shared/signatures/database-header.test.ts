import { expect, test } from 'vitest';
import { readHeader } from '../../../../shared/signatures/database-header.ts';
import { container } from '../../../support/signature-database.ts';

test('reads number and build time from the header of a database', () => {
  const builtAt = new Date('2026-11-21T09:30:00Z');
  const database = container('daily', 27500, builtAt, {});
  const expected = { number: 27500, builtAt: builtAt.toISOString() };
  expect(readHeader('daily.cud', database.subarray(0, 512))).toEqual(expected);
  expect(readHeader('daily.ndb', Buffer.from('Name:0:*:00'))).toBeNull();
});

test.each([
  ['empty', ''],
  ['a page of a mirror that is down', '<html><body>503</body></html>'],
  ['without a number', 'ClamAV-VDB:21 Nov 2026 09-30 +0000:many:1:90:x:x:x:1'],
  ['without a date', 'ClamAV-VDB:today:27500:1:90:x:x:x:1'],
])('a container whose header is %s is refused', (_name, beginning) => {
  expect(() => readHeader('daily.cvd', Buffer.from(beginning))).toThrow(
    'daily.cvd is not a ClamAV database: its header is broken',
  );
});
