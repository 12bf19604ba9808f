import { expect, test } from 'vitest';
import { matches } from '../../../../gateway/scp/glob.ts';
import { shellWords } from '../../../../gateway/scp/shell-words.ts';

test.each([
  ['*.csv', 'a.csv', true],
  ['*.csv', 'a.csv.gz', false],
  ['?.csv', 'ä.csv', true],
  ["'*'.csv", '*.csv', true],
  ["'*'.csv", 'a.csv', false],
  [String.raw`\*`, 'a', false],
  ['a*b*c', 'aXbYc', true],
  ['a*b*c', 'aXbY', false],
  ['*', '', true],
])('the wildcard %s matches %s: %s', (pattern, name, isMatch) => {
  expect(matches(shellWords(pattern)?.[0] ?? [], name)).toBe(isMatch);
});

test('no wildcard takes long to match', () => {
  const pattern = shellWords(`${'*a'.repeat(200)}b`)?.[0] ?? [];
  const startedAt = performance.now();
  expect(matches(pattern, 'a'.repeat(1024))).toBe(false);
  expect(performance.now() - startedAt).toBeLessThan(500);
});
