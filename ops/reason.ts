import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import { EXIT, OpsError } from './ops-error.ts';

const MAX_CHARACTERS = 1000;

/** Adds `--reason` to a command that changes something. */
export function withReason(command: Command): Command {
  return command.option('--reason <text>', 'why; it is recorded with the act (docs/acts.md)');
}

/**
 * The reason of an act that cannot be undone: the one given, or asked for on a terminal.
 *
 * @param act what is about to be done, as `removing 3 dead letters`
 * @throws OpsError when there is none
 */
export async function requireReason(given: string | undefined, act: string): Promise<string> {
  const reason = checkReason(given) ?? (await ask(act));
  if (reason !== undefined) return reason;
  throw new OpsError(`${act} cannot be undone, and no reason was given`, {
    how: 'give --reason TEXT; it is recorded with who did it, and when',
    exitCode: EXIT.usage,
  });
}

/** @throws OpsError for a reason that says nothing, or too much */
export function checkReason(given: string | undefined): string | undefined {
  const reason = given?.trim();
  if (reason === undefined) return undefined;
  if (reason === '' || reason.length > MAX_CHARACTERS) {
    throw new OpsError(`--reason must have 1 to ${MAX_CHARACTERS} characters`, {
      how: 'say in a sentence why it is done',
      exitCode: EXIT.usage,
    });
  }
  return reason;
}

async function ask(act: string): Promise<string | undefined> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return undefined;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return checkReason((await terminal.question(`Why (${act})? `)) || undefined);
  } finally {
    terminal.close();
  }
}
