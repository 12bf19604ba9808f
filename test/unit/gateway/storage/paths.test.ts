import assert from 'node:assert/strict';
import fc from '../../../support/fast-check.ts';
import { describe, expect, test } from 'vitest';
import {
  folderPrefix,
  foldersAbove,
  homeAt,
  type Home,
  type Homes,
  homesBelow,
  isReachableName,
  locate,
  resolveIn,
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

describe('a client path', () => {
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
  ])('%j resolves to %j', (path, resolved) => {
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

function logical(...homes: Home[]): Homes {
  return { kind: 'logical', homes };
}

/** The key at a path, and the prefix of the keys below it. */
function keysAt(homes: Homes, path: string): string[] {
  const place = locate(homes, path);
  return place.kind === 'virtual' ? [] : [place.key, folderPrefix(place.key)];
}

describe('a key', () => {
  const acme = logical(homeAt('/', '/inbox/partners/acme'));

  test('never leaves the home of its partner, whatever the path', () => {
    const several = logical(
      homeAt('/in', '/inbox/partners/acme/in'),
      homeAt('/a', '/inbox/partners/acme/a'),
    );
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

  test('of a home without a slash does not reach a neighbour with the same prefix', () => {
    expect(keysAt(acme, '2/file')[0]).toBe('partners/acme/2/file');
  });

  test('is refused beyond the 1,024 bytes that S3 allows, counted as UTF-8', () => {
    const whole = logical(homeAt('/', '/inbox'));
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
  const homes = logical(
    homeAt('/in', '/inbox/acme'),
    homeAt('/in/deep', '/other'),
    homeAt('/out/reports', '/reports/acme'),
  );

  test('each contain the paths below them, the innermost first', () => {
    expect(locate(homes, '/in/file')).toMatchObject({ bucket: 'inbox', key: 'acme/file' });
    expect(locate(homes, '/in/deeper')).toMatchObject({ bucket: 'inbox', key: 'acme/deeper' });
    expect(locate(homes, '/in/deep/file')).toMatchObject({ bucket: 'other', key: 'file' });
    expect(locate(homes, '/out/reports')).toMatchObject({ bucket: 'reports', isHome: true });
  });

  test('have virtual folders above them', () => {
    expect(locate(homes, '/')).toEqual({ kind: 'virtual', path: '/' });
    expect(locate(homes, '/out')).toEqual({ kind: 'virtual', path: '/out' });
    expect(homesBelow(homes, '/')).toEqual(['in', 'out']);
    expect(homesBelow(homes, '/in')).toEqual(['deep']);
    expect(homesBelow(homes, '/out/reports')).toEqual([]);
  });

  test('contain all accessible paths', () => {
    for (const path of ['/elsewhere', '/out/other', '/in2', '/out/reports2']) {
      expect(() => locate(homes, path)).toThrow('no such file');
    }
  });
});

test.each(['', '.', '..', 'a/b', 'a\nb'])('a key part %j is not listed', (name) => {
  expect(isReachableName(name)).toBe(false);
});

describe('real paths', () => {
  const homes: Homes = { kind: 'path', start: '/inbox/partners/acme' };

  test('begin at the home, and name buckets and keys', () => {
    expect(resolveIn(homes, '.')).toBe('/inbox/partners/acme');
    expect(locate(homes, 'in/a.csv')).toEqual({
      kind: 'stored',
      path: '/inbox/partners/acme/in/a.csv',
      bucket: 'inbox',
      key: 'partners/acme/in/a.csv',
      isHome: false,
      prefix: 'partners/acme/',
    });
    expect(locate(homes, '../other/a.csv')).toMatchObject({ key: 'partners/other/a.csv' });
    expect(locate(homes, '/archive/2026/a.csv')).toMatchObject({
      bucket: 'archive',
      key: '2026/a.csv',
    });
  });

  test('have the home and the folders above it, which cannot be removed or written over', () => {
    for (const path of ['.', '..', '/inbox', '/inbox/partners', '/archive']) {
      expect(locate(homes, path)).toMatchObject({ isHome: true });
    }
    for (const path of ['a', '../acme2', '/inbox/partner', '/archive/x']) {
      expect(locate(homes, path)).toMatchObject({ isHome: false });
    }
  });

  test.each([
    ['in/x/a.csv', ['partners/acme/in/x', 'partners/acme/in']],
    ['a.csv', []],
    ['../other/a.csv', ['partners/other']],
    ['/inbox/x/y/a.csv', ['x/y', 'x']],
    ['/archive/partners/acme/a.csv', ['partners/acme', 'partners']],
    ['.', []],
    ['..', []],
  ])('have no folders above %s that could be files, but %j', (path, above) => {
    const place = locate(homes, path);
    assert(place.kind === 'stored');
    expect(foldersAbove(place.key, place.prefix)).toEqual(above);
  });

  test('have a root that shows the bucket of the home, and no bucket without a valid name', () => {
    expect(locate(homes, '/')).toEqual({ kind: 'virtual', path: '/' });
    expect(locate(homes, '../../../../..')).toEqual({ kind: 'virtual', path: '/' });
    expect(homesBelow(homes, '/')).toEqual(['inbox']);
    expect(homesBelow(homes, '/inbox')).toEqual([]);
    for (const path of ['/No Bucket/x', '/..x', '/*/x']) {
      expect(() => locate(homes, path)).toThrow('no such file');
    }
  });
});
