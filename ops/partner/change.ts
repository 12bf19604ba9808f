import type { Command } from 'commander';
import * as v from 'valibot';
import { openContext } from '../context.ts';
import { Documents } from './documents.ts';
import { applyOptions, FieldOptions } from './options.ts';
import { rewrite } from './rewrite.ts';

/** As the identity provider caches documents. */
const HEEDED = 'it takes effect within 15 seconds';

export async function changePartner(name: string, raw: unknown, command: Command): Promise<void> {
  const options = v.parse(FieldOptions, raw);
  await rewrite(name, command, {
    alter: (partner) => applyOptions(partner, options),
    words: `${name} was changed; ${HEEDED}`,
    looksAround: true,
  });
}

export async function enablePartner(
  name: string,
  _options: unknown,
  command: Command,
): Promise<void> {
  await rewrite(name, command, {
    alter: (partner) => ({ ...partner, enabled: true }),
    words: `${name} is enabled; ${HEEDED}`,
    looksAround: true,
  });
}

export async function disablePartner(
  name: string,
  _options: unknown,
  command: Command,
): Promise<void> {
  await rewrite(name, command, {
    alter: (partner) => ({ ...partner, enabled: false }),
    words: `${name} is disabled; ${HEEDED}, and sessions that are open go on`,
    looksAround: false,
  });
}

/** Also for a document that is broken. */
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
      `${name} was removed; ${HEEDED}`,
      'What it has uploaded stays, and the bucket keeps earlier versions of the document.',
    ].join('\n'),
  );
}
