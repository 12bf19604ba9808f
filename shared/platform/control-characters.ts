// C0, DEL and C1: no file name needs them, and they can spoof terminals and logs.
// oxlint-disable-next-line no-control-regex
const CONTROL_CHARACTERS = /[\u0000-\u001f\u007f-\u009f]/;

// Those, and what SQS and SNS refuse in an attribute besides.
// oxlint-disable-next-line no-control-regex
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\ufffe\uffff]/g;

export function hasControlCharacters(text: string): boolean {
  return CONTROL_CHARACTERS.test(text);
}

/** Makes a text safe for one line of a terminal or a message attribute: `\u000a` for a line feed. */
export function escapeControlCharacters(text: string): string {
  return text.replaceAll(
    UNPRINTABLE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/**
 * What has no glyph of its own, or changes how its neighbours are shown: controls, line and paragraph
 * separators, marks of writing direction and other format characters (Unicode's Cc, Zl, Zp, Cf), lone
 * surrogates, noncharacters, and four letters that are drawn as nothing. With them a name can look like
 * another one, or forge a line of a log.
 */
const INVISIBLE =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}\u115f\u1160\u3164\uffa0]/gu;

/**
 * Makes a text safe to read, for a person or for a parser of lines: whatever cannot be seen is written
 * as its code, `\u202e` or `\u{e0041}`. The result is one line.
 */
export function showInvisible(text: string): string {
  return text.replaceAll(INVISIBLE, nameOf);
}

/** As `showInvisible`, for a text of several lines: line feeds stay. */
export function showInvisibleInLines(text: string): string {
  return text.replaceAll(INVISIBLE, (character) =>
    character === '\n' ? character : nameOf(character),
  );
}

function nameOf(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16).padStart(4, '0');
  return code.length === 4 ? `\\u${code}` : `\\u{${code}}`;
}

/**
 * JSON whose text shows what cannot be seen; a parser reads the same value from it as from
 * `JSON.stringify`, which leaves most of these characters as they are.
 *
 * @param space as for `JSON.stringify`
 */
export function visibleJson(value: unknown, space?: number, replacer?: Replacer): string {
  // Line feeds are the layout's own: JSON has escaped those within its texts.
  return JSON.stringify(value, replacer, space).replaceAll(INVISIBLE, (character) =>
    character === '\n' ? character : jsonEscape(character),
  );
}

type Replacer = (name: string, value: unknown) => unknown;

function jsonEscape(character: string): string {
  return Array.from(
    { length: character.length },
    (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`,
  ).join('');
}
