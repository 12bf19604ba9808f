import { expect, test } from 'vitest';
import {
  fileAttributes,
  folderAttributes,
  nameEntry,
} from '../../../gateway/protocol/attributes.ts';
import { ByteWindow } from '../../../gateway/transfers/download/byte-window.ts';
import { isReachableName } from '../../../gateway/storage/paths.ts';

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

test.each(['', '.', '..', 'a/b', 'a\nb'])('a key part %j has no place in a listing', (name) => {
  expect(isReachableName(name)).toBe(false);
});

test('a byte window gives any range it holds, and forgets whole chunks only', () => {
  const window = new ByteWindow(100);
  for (const chunk of ['abc', 'def', 'ghi']) window.append(Buffer.from(chunk));
  window.forgetBefore(105);
  expect([window.start, window.end]).toEqual([103, 109]);
  const target = Buffer.alloc(4);
  window.copyTo(target, 104);
  expect(target.toString()).toBe('efgh');
});
