import { ANY, ONE, type Glob } from './glob.ts';

/**
 * The words of a command line, with single quotes, double quotes and backslashes as a shell reads them,
 * and `*` and `?` where they are not quoted. Whatever else means something to a shell (`$`, `;`, `|` ...)
 * is an ordinary character: nothing is ever run.
 *
 * @returns undefined when a quote is not closed
 */
export function shellWords(line: string): Glob[] | undefined {
  const words: Glob[] = [];
  let word: Glob | undefined;
  let quote: string | undefined;
  const signs = Array.from(line);
  for (let at = 0; at < signs.length; at++) {
    const sign = signs[at] ?? '';
    const next = signs[at + 1];
    if (quote === undefined && /\s/.test(sign)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (quote === undefined && (sign === '"' || sign === "'")) {
      quote = sign;
      word ??= [];
    } else if (sign === quote) {
      quote = undefined;
    } else if (sign === '\\' && next !== undefined && isEscapable(next, quote)) {
      word = [...(word ?? []), next];
      at++;
    } else {
      word = [...(word ?? []), quote === undefined ? unquoted(sign) : sign];
    }
  }
  if (quote !== undefined) return undefined;
  return word === undefined ? words : [...words, word];
}

/** The word as it is written, where wildcards mean nothing. */
export function textOf(word: Glob): string {
  return word.map((sign) => (sign === ANY ? '*' : sign === ONE ? '?' : sign)).join('');
}

function isEscapable(next: string, quote: string | undefined): boolean {
  return quote === undefined || (quote === '"' && /["\\$`]/.test(next));
}

function unquoted(sign: string): string | typeof ANY | typeof ONE {
  if (sign === '*') return ANY;
  return sign === '?' ? ONE : sign;
}
