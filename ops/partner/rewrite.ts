import type { Command } from 'commander';
import type { Partner } from '../../shared/identity/partner/partner.ts';
import { openContext } from '../context.ts';
import { Documents } from './documents.ts';
import { loginSettings } from './settings.ts';
import { requireValid, validate, validateDocument } from './validate.ts';

export type Change = {
  readonly alter: (partner: Partner) => object;
  /** Said when it is done. */
  readonly words: string;
  /** Besides the name, in JSON. */
  readonly shown?: object;
  /**
   * Whether folders, other partners and the session policy are looked at, too. Not for what takes
   * rights away or leaves them as they are: nothing of that kind may stand in its way.
   */
  readonly looksAround: boolean;
};

/**
 * Reads a document, changes it, checks it and writes it back; never over what somebody else has
 * written meanwhile.
 *
 * @throws OpsError when the outcome would not be valid; then nothing is written
 */
export async function rewrite(name: string, command: Command, change: Change): Promise<void> {
  const { target, out } = await openContext(command);
  using documents = new Documents(target);
  const stored = await documents.get(name);
  const altered = change.alter(requireValid(stored));
  const { partner, warnings } = change.looksAround
    ? validate(altered, await documents.list(), await loginSettings(target))
    : { partner: validateDocument(altered), warnings: [] };
  await documents.replace(partner, stored);
  for (const warning of warnings) out.note(warning);
  out.show({ name, ...change.shown }, () => change.words);
}
