import { expect, test } from 'vitest';
import {
  fileAttributes,
  folderAttributes,
  nameEntry,
} from '../../../../gateway/protocol/attributes.ts';

const now = Date.UTC(2026, 10, 21, 12);

test('a listing line looks like one of ls -l', () => {
  const at = Date.UTC(2026, 10, 1, 9, 5);
  const file = nameEntry('a file.txt', fileAttributes(1_234, at), 'demo', now);
  expect(file.longname).toBe(
    '-rw-r--r--    1 demo     demo             1234 Nov  1 09:05 a file.txt',
  );
  const folder = nameEntry('d', folderAttributes(), 'demo', now);
  expect(folder.longname).toBe('drwxr-xr-x    1 demo     demo                0 Jan  1  1970 d');
});
