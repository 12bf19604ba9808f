import { showInvisibleInLines, visibleJson } from '../shared/platform/control-characters.ts';
import { layOut } from './table.ts';

/** A command's output: JSON for pipes, text for people. Neither lets a name control the terminal. */
export type Output = {
  readonly json: boolean;
  /** The result, once per command: `value` as JSON, or `text`. */
  show(value: unknown, text: () => string): void;
  /** A remark for people, on standard error, so that it never gets into a pipe. */
  note(text: string): void;
  /** How far long work has come: one line of a terminal, overwritten by the next. Elsewhere nothing. */
  progress(text: string): void;
};

export function createOutput(json: boolean): Output {
  let hasProgress = false;
  const clear = (): void => {
    if (hasProgress) process.stderr.write('\r\u001b[2K');
    hasProgress = false;
  };
  return {
    json,
    show(value, text) {
      clear();
      console.log(json ? visibleJson(value, 2) : showInvisibleInLines(text()));
    },
    note(text) {
      clear();
      console.error(showInvisibleInLines(text));
    },
    progress(text) {
      if (!process.stderr.isTTY) return;
      clear();
      hasProgress = true;
      process.stderr.write(text);
    },
  };
}

/** Whether people read standard output, and how wide it is; `Infinity` for a pipe. */
export function terminalColumns(): number {
  return process.stdout.isTTY ? process.stdout.columns || 80 : Number.POSITIVE_INFINITY;
}

/**
 * Rows under their headings, as wide as the terminal at most; in a pipe nothing is cut. What cannot be
 * seen is shown: a cell may hold uploaded names.
 */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  return layOut(headings, rows, terminalColumns());
}

/** ISO 8601 in a pipe; on a terminal as short as can be, in UTC: `11-25 13:31Z`. */
export function instantCell(at: number): string {
  const iso = new Date(at).toISOString();
  return terminalColumns() === Number.POSITIVE_INFINITY
    ? iso
    : `${iso.slice(5, 16).replace('T', ' ')}Z`;
}

/** `1 file`, `2 files`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
