import { EXIT, OpsError } from '../failure.ts';
import type { HeldLetter } from './leased-messages.ts';

/** Which letters a command is about; exactly one of the three is given. */
export type Choice = {
  readonly id?: readonly string[] | undefined;
  readonly code?: string | undefined;
  readonly all?: boolean | undefined;
};

/** @throws OpsError when it is not clear which letters are meant */
export function checkChoice({ id, code, all }: Choice): void {
  if ([id, code, all].filter((given) => given !== undefined).length === 1) return;
  throw new OpsError('it is not clear which letters are meant', {
    how: 'give one of --id ID (more than once if need be), --code CODE and --all; `dead-letters list` shows ids and codes',
    exitCode: EXIT.usage,
  });
}

/** @throws OpsError when one that is named is not there */
export function choose(
  letters: readonly HeldLetter[],
  { id, code, all }: Choice,
): readonly HeldLetter[] {
  if (all) return letters;
  if (code !== undefined) return letters.filter(({ letter }) => letter.code === code);
  return (id ?? []).map((wanted) => one(letters, wanted));
}

/** @throws OpsError when there is none of that id */
export function one(letters: readonly HeldLetter[], id: string): HeldLetter {
  const found = letters.find(({ letter }) => letter.messageId === id);
  if (found) return found;
  throw new OpsError(`there is no dead letter ${id}`, {
    why: 'it was redriven or removed, SQS deleted it at its age limit, or somebody else has it in hand',
    how: '`dead-letters list` shows what there is',
  });
}
