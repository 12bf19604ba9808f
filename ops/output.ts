import { escapeControlCharacters } from '../shared/platform/control-characters.ts';

/** Where a command's answer goes: JSON for pipes, words for people. */
export type Output = {
  readonly json: boolean;
  /** The answer, once per command: `value` as JSON, or what `words` makes of it. */
  show(value: unknown, words: () => string): void;
  /** What a person should know besides; on standard error, so that it never gets into a pipe. */
  note(words: string): void;
};

export function createOutput(json: boolean): Output {
  return {
    json,
    show: (value, words) => console.log(json ? JSON.stringify(value, null, 2) : words()),
    note: (words) => console.error(words),
  };
}

/**
 * Rows under their headings, each column as wide as its widest cell. Control characters are escaped:
 * a cell may hold what a stranger sent.
 */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [headings, ...rows].map((row) => row.map(escapeControlCharacters));
  const widths = headings.map((_, column) =>
    Math.max(...lines.map((line) => line[column]?.length ?? 0)),
  );
  return lines
    .map((line) => line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
    .map((line) => line.trimEnd())
    .join('\n');
}
