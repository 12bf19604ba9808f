import type { Command } from 'commander';
import type { Partner } from '../../shared/identity/partner/partner.ts';
import { openContext } from '../context.ts';
import { Documents } from './documents.ts';
import { loginSettings } from './settings.ts';
import { requireValid, validate, validateDocument } from './validate.ts';

export type Change = {
  readonly alter: (partner: Partner) => object;
  /** Printed when it is done. */
  readonly message: string;
  /** In the JSON, besides the name. */
  readonly json?: object;
  /**
   * Whether folders, other partners and the session policy are checked, too. Not for changes that
   * grant no access: an unrelated problem must not block them.
   */
  readonly checksAll: boolean;
};

/**
 * Reads a document, changes it, checks it and writes it back, unless it was changed meanwhile.
 *
 * @throws OpsError when the result would be invalid; then nothing is written
 */
export async function rewrite(name: string, command: Command, change: Change): Promise<void> {
  const { target, out } = await openContext(command);
  using documents = new Documents(target);
  const stored = await documents.get(name);
  const altered = change.alter(requireValid(stored));
  const { partner, warnings } = change.checksAll
    ? validate(altered, await documents.list(), await loginSettings(target))
    : { partner: validateDocument(altered), warnings: [] };
  await documents.replace(partner, stored);
  for (const warning of warnings) out.note(warning);
  out.show({ name, ...change.json }, () => change.message);
}
