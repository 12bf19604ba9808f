import { expect, test } from 'vitest';
import { builtAtOf, isSame, findDowngrade } from '../../../../shared/signatures/compare.ts';
import type { DatabaseFile } from '../../../../shared/signatures/published.ts';

function file(name: string, number?: number, content = `${name} ${number}`): DatabaseFile {
  const sha256 = Buffer.from(content).toString('hex').padEnd(64, '0').slice(0, 64);
  const header =
    number === undefined ? null : { number, builtAt: `2026-11-${number}T08:00:00.000Z` };
  return { name, sizeBytes: 1, sha256, modifiedAt: '2026-11-21T08:00:00.000Z', header };
}

test('two databases are the same when their files are, in any order', () => {
  const a = [file('main.cvd', 10), file('daily.cvd', 11)];
  expect(isSame(a, a.toReversed())).toBe(true);
  expect(isSame(a, [file('main.cvd', 10), file('daily.cvd', 12)])).toBe(false);
  expect(isSame(a, [...a, file('custom-acme.ndb')])).toBe(false);
  expect(isSame([], a)).toBe(false);
});

test.each([
  ['a newer part', [file('daily.cvd', 12)], undefined],
  ['the same part', [file('daily.cvd', 11)], undefined],
  ['a part that was updated in place', [file('daily.cld', 12)], undefined],
  ['a further part', [file('daily.cvd', 11), file('bytecode.cvd', 10)], undefined],
  ['an older part', [file('daily.cvd', 10)], 'daily is version 10; version 11 of it is in force'],
  ['a missing part', [file('main.cvd', 99)], 'daily is missing; version 11 of it is in force'],
])('%s', (_name, candidate, why) => {
  expect(findDowngrade(candidate, [file('daily.cvd', 11)])).toBe(why);
});

test('custom files may change and disappear', () => {
  const published = [file('custom-acme.ndb'), file('daily.cvd', 11)];
  expect(findDowngrade([file('daily.cvd', 11)], published)).toBeUndefined();
});

test('the age of a database is that of its daily part', () => {
  expect(builtAtOf([file('main.cvd', 20), file('daily.cld', 12)])).toBe('2026-11-12T08:00:00.000Z');
  expect(builtAtOf([file('main.cvd', 20), file('acme.ndb')])).toBeNull();
});
