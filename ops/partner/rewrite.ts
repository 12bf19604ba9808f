import type { Command } from 'commander';
import type { Partner } from '../../shared/identity/partner/partner.ts';
import { openContext } from '../context.ts';
import { act } from '../act.ts';
import { Documents } from './documents.ts';
import { loginSettings } from './settings.ts';
import { requireValid, validate, validateDocument } from './validate.ts';

export type Change = {
  /** `partner disable` */
  readonly command: string;
  readonly reason: string | undefined;
  /** The options that were given; never a secret. */
  readonly parameters?: Readonly<Record<string, unknown>>;
  /** @returns undefined if there is nothing to change */
  readonly alter: (partner: Partner) => object | undefined | Promise<object | undefined>;
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
  const altered = await change.alter(requireValid(stored));
  if (altered === undefined) {
    out.show({ name, changed: false }, () => `${name} is as it was; nothing was changed`);
    return;
  }
  const { partner, warnings } = change.checksAll
    ? validate(altered, await documents.list(), await loginSettings(target), name)
    : { partner: validateDocument(altered, name), warnings: [] };
  await act(
    { target, out },
    {
      command: change.command,
      reason: change.reason,
      parameters: { name, ...change.parameters },
    },
    async (note) => {
      await documents.replace(partner, stored);
      note({ kind: 'partner', partner: name });
    },
  );
  for (const warning of warnings) out.note(warning);
  out.show({ name, ...change.json }, () => change.message);
}
