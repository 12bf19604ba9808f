/** What `*` stands for, and what `?` does, where they are not quoted. */
export const ANY = Symbol('any');
export const ONE = Symbol('one');

/** A word of a command line: characters that stand for themselves, and those two. */
export type Glob = readonly (string | typeof ANY | typeof ONE)[];

/** Goes back to the last `*` only, so that no pattern takes longer than its length times the text's. */
export function matches(pattern: Glob, text: string): boolean {
  const signs = Array.from(text);
  let at = 0;
  let inText = 0;
  let afterStar = -1;
  let resumeAt = 0;
  while (inText < signs.length) {
    const wanted = pattern[at];
    if (wanted === ANY) {
      afterStar = ++at;
      resumeAt = inText;
    } else if (wanted === ONE || (wanted !== undefined && wanted === signs[inText])) {
      at++;
      inText++;
    } else if (afterStar >= 0) {
      at = afterStar;
      inText = ++resumeAt;
    } else {
      return false;
    }
  }
  return pattern.slice(at).every((rest) => rest === ANY);
}
