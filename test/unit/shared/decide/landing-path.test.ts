import { join, relative, resolve } from 'node:path';
import fc from '../../../support/fast-check.ts';
import { describe, expect, test } from 'vitest';
import { landingPathOf } from '../../../../shared/decide/landing-path.ts';

describe('a key lands at exactly its path', () => {
  test.each([
    'a',
    'a/b/c.txt',
    'file..name.txt',
    '...',
    '..a/b..',
    ' leading and trailing ',
    'Umläute/größer.csv',
    'a+b%20c#d?e',
    'back\\slash',
    'C:\\windows',
    '~root',
    'x'.repeat(255),
    `${'d/'.repeat(400)}file`,
  ])('%j', (key) => {
    expect(landingPathOf(key)).toEqual({ path: key, folder: false });
  });

  test('a final slash names a folder', () => {
    expect(landingPathOf('a/b/')).toEqual({ path: 'a/b/', folder: true });
  });
});

describe('a key that has no safe path is refused with the reason', () => {
  test.each([
    ['..', '".."'],
    ['../a', '".."'],
    ['a/../../b', '".."'],
    ['a/..', '".."'],
    ['a/../', '".."'],
    ['.', '"."'],
    ['a/./b', '"."'],
    ['/etc/passwd', 'starts with a slash'],
    ['/', 'starts with a slash'],
    ['a//b', 'empty path segment'],
    ['a//', 'empty path segment'],
    ['a\u0000b', 'control character'],
    ['a\nb', 'control character'],
    ['a\u007fb', 'control character'],
    ['a\u009bb', 'control character'],
    ['\ud800', 'not valid Unicode'],
    ['x'.repeat(256), '256 bytes long'],
    ['ü'.repeat(128), '256 bytes long'],
  ])('%j', (key, reason) => {
    expect(landingPathOf(key)).toEqual({ unsafe: expect.stringContaining(reason) });
  });
});

/** Keys that are likely to be trouble, beside any other. */
const key = fc.oneof(
  fc.string({ minLength: 1, unit: 'binary' }),
  fc
    .array(fc.constantFrom('..', '.', '', 'a', 'b', '\\', '%2e%2e', '..\\', '\u0000', ' '), {
      minLength: 1,
    })
    .map((segments) => segments.join('/')),
);

test('no key leads outside the landing root', () => {
  const root = resolve('/landing');
  fc.assert(
    fc.property(key, (it) => {
      const landing = landingPathOf(it);
      if ('unsafe' in landing) return;
      const inside = relative(root, join(root, landing.path));
      expect(inside).not.toBe('');
      expect(inside.split('/')).not.toContain('..');
      expect(inside.startsWith('/')).toBe(false);
    }),
  );
});

test('two different keys never share a file', () => {
  fc.assert(
    fc.property(key, key, (one, other) => {
      const [first, second] = [landingPathOf(one), landingPathOf(other)];
      if (one === other || 'unsafe' in first || 'unsafe' in second) return;
      if (first.folder !== second.folder) return; // the file system itself refuses the later one
      expect(join('/landing', first.path)).not.toBe(join('/landing', second.path));
    }),
  );
});
