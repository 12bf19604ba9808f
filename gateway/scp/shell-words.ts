import { ANY, ONE, type Glob } from './glob.ts';

/**
 * Splits a command line into words, with single quotes, double quotes and backslashes as in a shell, and
 * unquoted `*` and `?` as wildcards. All other shell syntax (`$`, `;`, `|` ...) is ordinary characters:
 * nothing is ever run.
 *
 * @returns undefined when a quote is not closed
 */
export function shellWords(line: string): Glob[] | undefined {
  const words: Glob[] = [];
  let word: Glob | undefined;
  let quote: string | undefined;
  const characters = Array.from(line);
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at] ?? '';
    const next = characters[at + 1];
    if (quote === undefined && /\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (quote === undefined && (character === '"' || character === "'")) {
      quote = character;
      word ??= [];
    } else if (character === quote) {
      quote = undefined;
    } else if (character === '\\' && next !== undefined && isEscapable(next, quote)) {
      word = [...(word ?? []), next];
      at++;
    } else {
      word = [...(word ?? []), quote === undefined ? unquoted(character) : character];
    }
  }
  if (quote !== undefined) return undefined;
  return word === undefined ? words : [...words, word];
}

/** The word as text, for uses without wildcards. */
export function textOf(word: Glob): string {
  return word.map((part) => (part === ANY ? '*' : part === ONE ? '?' : part)).join('');
}

function isEscapable(next: string, quote: string | undefined): boolean {
  return quote === undefined || (quote === '"' && /["\\$`]/.test(next));
}

function unquoted(character: string): string | typeof ANY | typeof ONE {
  if (character === '*') return ANY;
  return character === '?' ? ONE : character;
}
