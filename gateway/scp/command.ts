import type { Glob } from './glob.ts';
import { shellWords, textOf } from './shell-words.ts';

/** What a client asks the `scp` on this side for. */
export type ScpCommand = {
  /** `-r`: folders, too. */
  readonly isRecursive: boolean;
  /** `-p`: times are told before each file. */
  readonly keepsTimes: boolean;
} & (
  | {
      /** Takes files (`scp -t`). */
      readonly mode: 'sink';
      readonly target: string;
      /** Several files are coming, or a folder: the target must be one (`-d`). */
      readonly needsFolder: boolean;
    }
  /** Gives files (`scp -f`). */
  | { readonly mode: 'source'; readonly sources: readonly Glob[] }
);

/** More than a client can type, and less than it takes to keep a server busy reading it. */
const MAX_COMMAND_CHARACTERS = 16 * 1024;

/**
 * Reads the command that `scp -O` runs on the server. Clients send it unquoted, for a shell to read.
 *
 * @returns undefined for any other command
 */
export function parseScpCommand(command: string): ScpCommand | undefined {
  if (command.length > MAX_COMMAND_CHARACTERS) return undefined;
  const [program, ...words] = shellWords(command) ?? [];
  if (program === undefined || textOf(program) !== 'scp') return undefined;
  let flags = '';
  while (words[0]?.[0] === '-') {
    const word = textOf(words.shift() ?? []);
    if (word === '--') break;
    flags += word.slice(1);
  }
  if (!/^[tfrpdvq]*$/.test(flags)) return undefined;
  const has = (flag: string) => flags.includes(flag);
  const common = { isRecursive: has('r'), keepsTimes: has('p') };
  if (has('t') === has('f')) return undefined;
  if (has('f')) return { ...common, mode: 'source', sources: words.length === 0 ? [['.']] : words };
  const [target = ['.'], ...others] = words;
  if (others.length > 0) return undefined;
  return { ...common, mode: 'sink', target: textOf(target), needsFolder: has('d') };
}
