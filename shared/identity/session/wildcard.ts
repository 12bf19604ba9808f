/**
 * Whether text matches an IAM pattern: `*` is any number of characters, `?` is one.
 *
 * Linear in the text for each `*`, so that a malicious pattern cannot take long.
 */
export function matchesWildcard(pattern: string, text: string): boolean {
  let at = 0;
  let inText = 0;
  let starAt = -1;
  let resumeAt = 0;
  while (inText < text.length) {
    if (pattern[at] === '*') {
      starAt = at++;
      resumeAt = inText;
    } else if (at < pattern.length && (pattern[at] === '?' || pattern[at] === text[inText])) {
      at++;
      inText++;
    } else if (starAt >= 0) {
      at = starAt + 1;
      inText = ++resumeAt;
    } else {
      return false;
    }
  }
  while (pattern[at] === '*') at++;
  return at === pattern.length;
}
