import { expect, test } from 'vitest';
import { freshclamConfiguration } from '../../../../shared/signatures/freshclam-configuration.ts';

test.each([
  ['database.clamav.net', 'DatabaseMirror database.clamav.net', 'DNSDatabaseInfo'],
  [
    'https://mirror.example/clamav',
    'PrivateMirror https://mirror.example/clamav',
    'DatabaseMirror',
  ],
  ['', 'DNSDatabaseInfo no', 'PrivateMirror'],
])('the mirror "%s" gets the options of its kind', (official, line, absent) => {
  const lines = freshclamConfiguration('/tmp/db', { official, custom: ['http://a/b.ndb'] }, 'root');
  expect(lines.split('\n')).toContain(line);
  expect(lines).not.toContain(absent);
  expect(lines.split('\n')).toContain('DatabaseCustomURL http://a/b.ndb');
});
