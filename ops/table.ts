import { showInvisible } from '../shared/platform/control-characters.ts';

/** No column is cut to less, so ids and short facts stay whole. */
const MIN_COLUMNS = 12;
const GAP = '  ';

/**
 * Lays rows out under their headings, within so many columns. Where they do not fit, the widest cells
 * are cut in the middle; where even that is not enough, each row becomes a list of its facts.
 *
 * @param columns `Infinity` cuts nothing
 */
export function layOut(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  columns: number,
): string {
  const lines = [headings, ...rows].map((row) => row.map(showInvisible));
  const natural = headings.map((_, at) =>
    Math.max(...lines.map((line) => widthOf(line[at] ?? ''))),
  );
  const widths = shrink(natural, columns - GAP.length * (headings.length - 1));
  if (widths === undefined) return listed(lines, columns);
  return lines
    .map((line) => line.map((cell, at) => fill(cell, widths[at] ?? 0)).join(GAP))
    .map((line) => line.trimEnd())
    .join('\n');
}

/** Takes from the widest columns until the rest fits; `undefined` when it cannot. */
function shrink(natural: readonly number[], columns: number): readonly number[] | undefined {
  const widths = [...natural];
  const sum = (): number => widths.reduce((total, width) => total + width, 0);
  while (sum() > columns) {
    const widest = Math.max(...widths);
    if (widest <= MIN_COLUMNS) return undefined;
    widths[widths.indexOf(widest)] = widest - 1;
  }
  return widths;
}

/** One fact a line, an empty line between rows. */
function listed(lines: readonly (readonly string[])[], columns: number): string {
  const [headings = [], ...rows] = lines;
  const nameWidth = Math.max(...headings.map(widthOf));
  const room = Math.max(columns - nameWidth - GAP.length, MIN_COLUMNS);
  return rows
    .map((row) =>
      row
        .map((cell, at) =>
          `${fill(headings[at] ?? '', nameWidth)}${GAP}${cut(cell, room)}`.trimEnd(),
        )
        .join('\n'),
    )
    .join('\n\n');
}

function fill(cell: string, width: number): string {
  const shown = cut(cell, width);
  return shown + ' '.repeat(Math.max(width - widthOf(shown), 0));
}

/** Cuts a text in the middle: names differ at their beginning, and at their end. */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  const letters = lettersOf(text);
  const head: string[] = [];
  const tail: string[] = [];
  let room = width - 1;
  for (let n = 0; head.length + tail.length < letters.length; n += 1) {
    const fromHead = n % 2 === 0;
    const letter = (fromHead ? letters[head.length] : letters.at(-1 - tail.length)) ?? '';
    room -= letterWidth(letter);
    if (room < 0) break;
    if (fromHead) head.push(letter);
    else tail.unshift(letter);
  }
  return `${head.join('')}…${tail.join('')}`;
}

/** Columns that a terminal gives a text: two for East Asian wide letters and for pictures. */
export function widthOf(text: string): number {
  // Nearly all text is this, and a table asks often.
  if (/^[ -~]*$/.test(text)) return text.length;
  return lettersOf(text).reduce((sum, letter) => sum + letterWidth(letter), 0);
}

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

function lettersOf(text: string): readonly string[] {
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

const WIDE =
  /\p{Emoji_Presentation}|\ufe0f|[\u1100-\u115e\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]/u;

function letterWidth(letter: string): number {
  return WIDE.test(letter) ? 2 : 1;
}
