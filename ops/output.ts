import { escapeControlCharacters } from '../shared/platform/control-characters.ts';

/** A command's output: JSON for pipes, text for people. */
export type Output = {
  readonly json: boolean;
  /** The result, once per command: `value` as JSON, or `text`. */
  show(value: unknown, text: () => string): void;
  /** A remark for people, on standard error, so that it never gets into a pipe. */
  note(text: string): void;
};

export function createOutput(json: boolean): Output {
  return {
    json,
    show: (value, text) => console.log(json ? JSON.stringify(value, null, 2) : text()),
    note: (text) => console.error(text),
  };
}

/**
 * Rows under their headings, each column as wide as its widest cell. Control characters are escaped:
 * a cell may hold uploaded names.
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
