import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fileKey, folderPrefix, homeOf, resolvePath } from '../../../local/sftp/paths.ts';

const anyPath = fc
  .array(fc.oneof(fc.constantFrom('..', '.', '', 'a', '...', '..a', 'ä+%#'), fc.string()))
  .map((segments) => segments.join('/'));

function resultOf<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}

describe('a path of a client', () => {
  test.each([
    ['', '/'],
    ['.', '/'],
    ['/', '/'],
    ['a', '/a'],
    ['a/', '/a'],
    ['//a///b', '/a/b'],
    ['/a/./b/../c', '/a/c'],
    ['../../etc/passwd', '/etc/passwd'],
    ['/a/...', '/a/...'],
    ['/a/..b', '/a/..b'],
    ['/Übersicht 1+1%20#x', '/Übersicht 1+1%20#x'],
  ])('%j means %j', (path, resolved) => {
    expect(resolvePath(path)).toBe(resolved);
  });

  test.each(['a\0b', 'a\nb', 'a\x7f', '\u0085'])('%j is refused', (path) => {
    expect(() => resolvePath(path)).toThrow('control characters');
  });

  test('resolved twice is the same as once', () => {
    fc.assert(
      fc.property(anyPath, (path) => {
        const once = resultOf(() => resolvePath(path));
        expect(once && resolvePath(once)).toBe(once);
      }),
    );
  });
});

describe('a key', () => {
  const acme = homeOf({ bucket: 'inbox', prefix: 'partners/acme' });

  test('never leaves the home of its partner, whatever the path', () => {
    fc.assert(
      fc.property(anyPath, (path) => {
        const file = resultOf(() => fileKey(acme, path));
        const folder = resultOf(() => folderPrefix(acme, path));
        for (const key of [file, folder].filter((made) => made !== undefined)) {
          expect(key.startsWith('partners/acme/')).toBe(true);
          const below = key.slice('partners/acme/'.length).split('/');
          expect(below.includes('..') || below.includes('.')).toBe(false);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test('of a home without a slash does not reach a neighbour whose name starts the same', () => {
    expect(fileKey(acme, '2/file')).toBe('partners/acme/2/file');
  });

  test('is refused beyond the 1,024 bytes that S3 keeps, counted as UTF-8', () => {
    const whole = homeOf({ bucket: 'inbox', prefix: '' });
    expect(fileKey(whole, 'ä'.repeat(512))).toHaveLength(512);
    expect(() => fileKey(whole, `${'ä'.repeat(512)}a`)).toThrow('longer than');
  });

  test('does not exist for the root, which is a folder', () => {
    expect(() => fileKey(acme, 'a/..')).toThrow('is a folder');
    expect(folderPrefix(acme, '/')).toBe('partners/acme/');
  });
});
