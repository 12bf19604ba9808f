/** Files up to this size are looked at as a whole. */
const MOST_BYTES = 48 * 1024;

/** Letters, digits, marks, line ends and tabs; letters of other languages in UTF-8 or Latin-1. */
const TEXT = /^[\t\n\r\x20-\x7e\x80-\xff]*$/;

/** How files begin, and mails look, that hold others although they are text. */
const MAY_HOLD =
  /^(PK|Salted__|U2FsdGVkX1|age-|begin|07070|!<|#|MZ|BZh|LZIP)|%PDF-|-----BEGIN|\nbegin[ -]|:[^]*:/;

/**
 * Whether a small file is plain text in which nothing can hide: the way of most files, in one step.
 * Where it is in doubt the answer is no.
 */
export function isText(head: Buffer, sizeBytes: number): boolean {
  if (sizeBytes > MOST_BYTES || head.length < sizeBytes) return false;
  const text = head.toString('latin1');
  return TEXT.test(text) && !MAY_HOLD.test(text);
}
