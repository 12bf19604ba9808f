import type { Command } from 'commander';
import * as v from 'valibot';
import { openContext } from '../context.ts';
import { Documents } from './documents.ts';
import { applyOptions, FieldOptions } from './options.ts';
import { rewrite } from './rewrite.ts';

/** The identity provider caches documents. */
const EFFECTIVE = 'effective within 15 seconds';

export async function changePartner(name: string, raw: unknown, command: Command): Promise<void> {
  const options = v.parse(FieldOptions, raw);
  await rewrite(name, command, {
    alter: (partner) => applyOptions(partner, options),
    message: `${name} was changed; ${EFFECTIVE}`,
    checksAll: true,
  });
}

export async function enablePartner(
  name: string,
  _options: unknown,
  command: Command,
): Promise<void> {
  await rewrite(name, command, {
    alter: (partner) => ({ ...partner, enabled: true }),
    message: `${name} is enabled; ${EFFECTIVE}`,
    checksAll: true,
  });
}

export async function disablePartner(
  name: string,
  _options: unknown,
  command: Command,
): Promise<void> {
  await rewrite(name, command, {
    alter: (partner) => ({ ...partner, enabled: false }),
    message: `${name} is disabled; ${EFFECTIVE}; open sessions continue`,
    checksAll: false,
  });
}

/** Also removes an invalid document. */
export async function removePartner(
  name: string,
  _options: unknown,
  command: Command,
): Promise<void> {
  const { target, out } = await openContext(command);
  using documents = new Documents(target);
  await documents.remove(await documents.get(name));
  out.show({ name, removed: true }, () =>
    [
      `${name} was removed; ${EFFECTIVE}`,
      'Its uploads stay, and the bucket keeps earlier versions of the document.',
    ].join('\n'),
  );
}
