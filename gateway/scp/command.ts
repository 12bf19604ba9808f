import type { Glob } from './glob.ts';
import { shellWords, textOf } from './shell-words.ts';

/** The `scp` command that a client runs on the server. */
export type ScpCommand = {
  /** `-r`: folders, too. */
  readonly isRecursive: boolean;
  /** `-p`: times are sent before each file. */
  readonly keepsTimes: boolean;
} & (
  | {
      /** Receives files (`scp -t`). */
      readonly mode: 'sink';
      readonly target: string;
      /** `-d`: several files or a folder will be sent, so the target must be a folder. */
      readonly needsFolder: boolean;
    }
  /** Sends files (`scp -f`). */
  | { readonly mode: 'source'; readonly sources: readonly Glob[] }
);

/** Longer than any real command, short enough to parse quickly. */
const MAX_COMMAND_CHARACTERS = 16 * 1024;

/**
 * Parses the command that `scp -O` runs on the server, which is written for a shell.
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
  const paths = words.map(fromHome);
  const common = { isRecursive: has('r'), keepsTimes: has('p') };
  if (has('t') === has('f')) return undefined;
  if (has('f')) return { ...common, mode: 'source', sources: paths.length === 0 ? [['.']] : paths };
  const [target = ['.'], ...others] = paths;
  if (others.length > 0) return undefined;
  return { ...common, mode: 'sink', target: textOf(target), needsFolder: has('d') };
}

/** A shell would put the home in place of `~`. Here it is where relative paths begin, as the empty path does. */
function fromHome(word: Glob): Glob {
  if (word.length === 0) return ['.'];
  if (word[0] !== '~') return word;
  if (word.length === 1) return ['.'];
  return word[1] === '/' ? ['.', ...word.slice(1)] : word;
}
