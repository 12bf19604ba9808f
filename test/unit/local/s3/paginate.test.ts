import fc from '../../../support/fast-check.ts';
import { expect, test } from 'vitest';
import { compareKeys, keyAfterPrefix, paginate } from '../../../../local/s3/paginate.ts';

const key = fc.string({
  unit: fc.constantFrom('a', 'b', '/', 'é', '\ud7ff', '\ue000', '😀', '\u{10ffff}'),
  maxLength: 6,
});

test('every key is behind its prefix and before the key after it', () => {
  fc.assert(
    fc.property(key, key, (prefix, rest) => {
      const after = keyAfterPrefix(prefix);
      if (after === undefined) return;
      expect(compareKeys(prefix + rest, after)).toBeLessThan(0);
      expect(after.isWellFormed()).toBe(true);
    }),
  );
});

test('pages together are the list that grouping all keys at once gives', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(key),
      key,
      fc.constantFrom('', '/', 'b/'),
      fc.integer({ min: 1, max: 4 }),
      (keys, prefix, delimiter, limit) => {
        const sorted = keys.toSorted(compareKeys);
        const expected = new Set(
          sorted
            .filter((name) => name.startsWith(prefix))
            .map((name) => {
              const end = delimiter === '' ? -1 : name.indexOf(delimiter, prefix.length);
              return end === -1 ? `key ${name}` : `group ${name.slice(0, end + delimiter.length)}`;
            }),
        );
        const seen: string[] = [];
        let after = '';
        let isFirst = true;
        for (;;) {
          const marker = isFirst ? undefined : after;
          const page = paginate({
            prefix,
            delimiter,
            after,
            limit,
            open: (from) =>
              sorted.filter((name) => compareKeys(name, from) >= 0).map((name) => ({ key: name })),
            isBehindMarker: (row) => marker === undefined || compareKeys(row.key, marker) > 0,
          });
          seen.push(...page.rows.map((row) => `key ${row.key}`));
          seen.push(...page.commonPrefixes.map((group) => `group ${group}`));
          if (page.next === undefined) break;
          after = page.next.name;
          isFirst = false;
        }
        expect(seen).toHaveLength(expected.size);
        expect(new Set(seen)).toEqual(expected);
      },
    ),
  );
});

test('a group costs one look, however many keys it hides', () => {
  const keys = Array.from({ length: 5000 }, (_, index) => `${index % 5}/${index}`).toSorted();
  let readCount = 0;
  const page = paginate({
    prefix: '',
    delimiter: '/',
    after: '',
    limit: 1000,
    *open(from) {
      for (const name of keys) {
        if (name < from) continue;
        readCount++;
        yield { key: name };
      }
    },
    isBehindMarker: () => true,
  });
  expect(page.commonPrefixes).toEqual(['0/', '1/', '2/', '3/', '4/']);
  expect(readCount).toBe(5);
});
