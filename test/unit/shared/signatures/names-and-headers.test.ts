import { expect, test } from 'vitest';
import { customName } from '../../../../shared/signatures/custom-files.ts';
import { readHeader } from '../../../../shared/signatures/database-header.ts';
import { freshclamConfiguration } from '../../../../shared/signatures/freshclam-configuration.ts';
import { container } from '../../../support/signature-database.ts';

test('a database tells its number and build time in its header', () => {
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
])('a database whose header is %s is none', (_name, beginning) => {
  expect(() => readHeader('daily.cvd', Buffer.from(beginning))).toThrow(
    'daily.cvd is not a ClamAV database: its header is broken',
  );
});

test.each(['acme.ndb', 'acme.ldb', 'Acme-2.hdb', 'a.hsb', 'a.sfp', 'a.fp', 'a.ign2'])(
  'custom/%s is loaded under a name that is none of freshclam',
  (name) => {
    expect(customName(`custom/${name}`)).toBe(`custom-${name}`);
  },
);

test.each([
  'acme.txt',
  'acme.NDB',
  'daily.cvd',
  'rules.yara',
  'folder/acme.ndb',
  '.ndb',
  'a b.ndb',
])('custom/%s is refused, since clamd would pass it over', (name) => {
  expect(() => customName(`custom/${name}`)).toThrow(`custom/${name} is no signature file`);
});

test.each([
  ['database.clamav.net', 'DatabaseMirror database.clamav.net', 'DNSDatabaseInfo'],
  [
    'https://mirror.example/clamav',
    'PrivateMirror https://mirror.example/clamav',
    'DatabaseMirror',
  ],
  ['', 'DNSDatabaseInfo no', 'PrivateMirror'],
])('the mirror "%s" is configured as what it is', (official, line, absent) => {
  const lines = freshclamConfiguration('/tmp/db', { official, custom: ['http://a/b.ndb'] }, 'root');
  expect(lines.split('\n')).toContain(line);
  expect(lines).not.toContain(absent);
  expect(lines.split('\n')).toContain('DatabaseCustomURL http://a/b.ndb');
});
