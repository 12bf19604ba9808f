// C0, DEL and C1: no file name needs them, SQS rejects them, and they can spoof terminals and logs.
// oxlint-disable-next-line no-control-regex
const CONTROL_CHARACTERS = /[\u0000-\u001f\u007f-\u009f\ufffe\uffff]/g;

export function hasControlCharacters(text: string): boolean {
  return text.search(CONTROL_CHARACTERS) >= 0;
}

/** Makes a text safe for one line of a terminal or a message attribute: `\u000a` for a line feed. */
export function escapeControlCharacters(text: string): string {
  return text.replaceAll(
    CONTROL_CHARACTERS,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
