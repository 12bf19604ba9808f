import fc from '../../../support/fast-check.ts';
import { describe, expect, test } from 'vitest';
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
