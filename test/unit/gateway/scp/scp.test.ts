import fc from '../../../support/fast-check.ts';
import { describe, expect, test } from 'vitest';
import { parseScpCommand } from '../../../../gateway/scp/command.ts';
import { matches } from '../../../../gateway/scp/glob.ts';
import { parseRecord } from '../../../../gateway/scp/record.ts';
import { shellWords, textOf } from '../../../../gateway/scp/shell-words.ts';

describe('the words of a command line', () => {
  test.each([
    ['scp -t file', ['scp', '-t', 'file']],
    ["scp -t 'two words'", ['scp', '-t', 'two words']],
    ['scp -t "two words"', ['scp', '-t', 'two words']],
    [String.raw`scp -t two\ words`, ['scp', '-t', 'two words']],
    [String.raw`a\"b "c\"d" 'e"f'`, ['a"b', 'c"d', 'e"f']],
    [String.raw`"a\b" 'a\b'`, [String.raw`a\b`, String.raw`a\b`]],
    ['\'\' ""', ['', '']],
    ['a\'b\'"c"d', ['abcd']],
    ['$(id) `id` ;id |id &id', ['$(id)', '`id`', ';id', '|id', '&id']],
    ['  ', []],
  ])('of %j are %j', (line, words) => {
    expect(shellWords(line)?.map(textOf)).toEqual(words);
  });

  test('of a line with an open quote are none', () => {
    expect(shellWords("scp -t 'open")).toBeUndefined();
  });

  test('are what was quoted, whatever it was', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (words) => {
        const line = words.map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`).join(' ');
        expect(shellWords(line)?.map(textOf)).toEqual(words);
      }),
    );
  });
});

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
])('the wildcard %s meets %s: %s', (pattern, name, isMet) => {
  expect(matches(shellWords(pattern)?.[0] ?? [], name)).toBe(isMet);
});

test('no wildcard takes long', () => {
  const pattern = shellWords(`${'*a'.repeat(200)}b`)?.[0] ?? [];
  const startedAt = performance.now();
  expect(matches(pattern, 'a'.repeat(1024))).toBe(false);
  expect(performance.now() - startedAt).toBeLessThan(500);
});

describe('a command', () => {
  test.each<[string, object]>([
    ['scp -t x', { mode: 'sink', target: 'x', isRecursive: false, needsFolder: false }],
    [
      'scp -r -p -d -t -- -x',
      { mode: 'sink', target: '-x', isRecursive: true, keepsTimes: true, needsFolder: true },
    ],
    ['scp -v -prt .', { mode: 'sink', target: '.', isRecursive: true, keepsTimes: true }],
    ['scp -t', { mode: 'sink', target: '.' }],
    ['scp -f a b', { mode: 'source', sources: [['a'], ['b']] }],
  ])('%j is understood', (command, understood) => {
    expect(parseScpCommand(command)).toMatchObject(understood);
  });

  test.each([
    '',
    'scp',
    'scp x',
    'scp -t -f x',
    'scp -t a b',
    'scp -S id -t x',
    'rm -t x',
    `scp -t ${'x'.repeat(20_000)}`,
  ])('%j is none of ours', (command) => {
    expect(parseScpCommand(command)).toBeUndefined();
  });
});

test('a record of any bytes is understood or invalid, and its name leads one step down', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array().map((bytes) => Buffer.from(bytes)),
        fc.string().map((name) => Buffer.from(`C0644 12 ${name}`)),
        fc
          .constantFrom('..', '.', '', '/', 'a/b', '../a', '\0')
          .map((name) => Buffer.from(`D0755 0 ${name}`)),
      ),
      (line) => {
        const record = parseRecord(line);
        if (record.kind !== 'file' && record.kind !== 'folder') return;
        expect(record.name).toMatch(/^[^/\p{Cc}]+$/u);
        expect(['.', '..']).not.toContain(record.name);
      },
    ),
    { numRuns: 2_000 },
  );
});
