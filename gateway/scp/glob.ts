/** The wildcards `*` and `?`, unquoted. */
export const ANY = Symbol('any');
export const ONE = Symbol('one');

/** A word of a command line: literal characters and wildcards. */
export type Glob = readonly (string | typeof ANY | typeof ONE)[];

/** Backtracks to the last `*` only, so the time is at most the pattern's length times the text's. */
export function matches(pattern: Glob, text: string): boolean {
  const characters = Array.from(text);
  let at = 0;
  let textAt = 0;
  let afterStar = -1;
  let resumeAt = 0;
  while (textAt < characters.length) {
    const wanted = pattern[at];
    if (wanted === ANY) {
      afterStar = ++at;
      resumeAt = textAt;
    } else if (wanted === ONE || (wanted !== undefined && wanted === characters[textAt])) {
      at++;
      textAt++;
    } else if (afterStar >= 0) {
      at = afterStar;
      textAt = ++resumeAt;
    } else {
      return false;
    }
  }
  return pattern.slice(at).every((rest) => rest === ANY);
}
