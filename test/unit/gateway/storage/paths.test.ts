import fc from '../../../support/fast-check.ts';
import { describe, expect, test } from 'vitest';
import {
  folderPrefix,
  homeAt,
  homesBelow,
  locate,
  resolvePath,
} from '../../../../gateway/storage/paths.ts';

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

/** The key at a path, and what the keys below it begin with. */
function keysAt(homes: Parameters<typeof locate>[0], path: string): string[] {
  const place = locate(homes, path);
  return place.kind === 'virtual' ? [] : [place.key, folderPrefix(place.key)];
}

describe('a key', () => {
  const acme = [homeAt('/', 'inbox', 'partners/acme')];

  test('never leaves the home of its partner, whatever the path', () => {
    const several = [
      homeAt('/in', 'inbox', 'partners/acme/in'),
      homeAt('/a', 'inbox', 'partners/acme/a'),
    ];
    fc.assert(
      fc.property(anyPath, fc.constantFrom(acme, several), (path, homes) => {
        for (const key of resultOf(() => keysAt(homes, path)) ?? []) {
          expect(`${key}/`.startsWith('partners/acme/')).toBe(true);
          const below = key.slice('partners/acme/'.length).split('/');
          expect(below.includes('..') || below.includes('.')).toBe(false);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test('of a home without a slash does not reach a neighbour whose name starts the same', () => {
    expect(keysAt(acme, '2/file')[0]).toBe('partners/acme/2/file');
  });

  test('is refused beyond the 1,024 bytes that S3 keeps, counted as UTF-8', () => {
    const whole = [homeAt('/', 'inbox', '')];
    expect(keysAt(whole, 'ä'.repeat(511))[0]).toHaveLength(511);
    expect(() => locate(whole, `${'ä'.repeat(512)}a`)).toThrow('longer than');
  });

  test('of the root is that of its home, which is always a folder', () => {
    expect(locate(acme, 'a/..')).toMatchObject({ isHome: true, key: 'partners/acme' });
    expect(folderPrefix('partners/acme')).toBe('partners/acme/');
    expect(folderPrefix('')).toBe('');
  });
});

describe('several homes', () => {
  const homes = [
    homeAt('/in', 'inbox', 'acme'),
    homeAt('/in/deep', 'other', ''),
    homeAt('/out/reports', 'reports', 'acme'),
  ];

  test('each hold what lies below them, the innermost first', () => {
    expect(locate(homes, '/in/file')).toMatchObject({ bucket: 'inbox', key: 'acme/file' });
    expect(locate(homes, '/in/deeper')).toMatchObject({ bucket: 'inbox', key: 'acme/deeper' });
    expect(locate(homes, '/in/deep/file')).toMatchObject({ bucket: 'other', key: 'file' });
    expect(locate(homes, '/out/reports')).toMatchObject({ bucket: 'reports', isHome: true });
  });

  test('have folders above them that only lead there', () => {
    expect(locate(homes, '/')).toEqual({ kind: 'virtual', path: '/' });
    expect(locate(homes, '/out')).toEqual({ kind: 'virtual', path: '/out' });
    expect(homesBelow(homes, '/')).toEqual(['in', 'out']);
    expect(homesBelow(homes, '/in')).toEqual(['deep']);
    expect(homesBelow(homes, '/out/reports')).toEqual([]);
  });

  test('are all there is', () => {
    for (const path of ['/elsewhere', '/out/other', '/in2', '/out/reports2']) {
      expect(() => locate(homes, path)).toThrow('no such file');
    }
  });
});
