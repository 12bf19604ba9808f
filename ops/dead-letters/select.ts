import { EXIT, OpsError } from '../ops-error.ts';
import type { LeasedMessage } from './leased-messages.ts';

/** The dead letters a command applies to; exactly one of the three is given. */
export type Selection = {
  readonly id?: readonly string[] | undefined;
  readonly code?: string | undefined;
  readonly all?: boolean | undefined;
};

/** @throws OpsError unless exactly one is given */
export function requireOneSelector({ id, code, all }: Selection): void {
  if ([id, code, all].filter((given) => given !== undefined).length === 1) return;
  throw new OpsError('it is not clear which dead letters are meant', {
    how: 'give one of --id ID (repeatable), --code CODE and --all; `dead-letters list` shows ids and codes',
    exitCode: EXIT.usage,
  });
}

/** @throws OpsError when an id is not found */
export function select(
  messages: readonly LeasedMessage[],
  { id, code, all }: Selection,
): readonly LeasedMessage[] {
  if (all) return messages;
  if (code !== undefined) return messages.filter(({ deadLetter }) => deadLetter.code === code);
  return (id ?? []).map((wanted) => selectOne(messages, wanted));
}

/** @throws OpsError when the id is not found */
export function selectOne(messages: readonly LeasedMessage[], id: string): LeasedMessage {
  const found = messages.find(({ deadLetter }) => deadLetter.messageId === id);
  if (found) return found;
  throw new OpsError(`there is no dead letter ${id}`, {
    why: 'it was redriven or removed, SQS deleted it at its age limit, or another reader has leased it',
    how: '`dead-letters list` shows what there is',
  });
}
