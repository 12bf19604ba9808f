import type { Command } from 'commander';
import * as v from 'valibot';
import { EXIT, OpsError } from '../ops-error.ts';
import { readDocument } from './document-text.ts';
import { applyOptions, FieldOptions, reasonOf, Unset, unsetFields } from './options.ts';
import { rewrite } from './rewrite.ts';
import { readText } from './secrets.ts';

/** The identity provider caches documents. */
export const EFFECTIVE = 'effective within 15 seconds';

const ChangeOptions = v.object({
  ...FieldOptions.entries,
  unset: Unset,
  document: v.optional(v.string()),
});

export async function changePartner(name: string, raw: unknown, command: Command): Promise<void> {
  const { unset, document, ...fields } = v.parse(ChangeOptions, raw);
  const isGiven = Object.values(fields).some((value) => value !== undefined);
  if (!isGiven && unset.length === 0 && document === undefined) {
    throw new OpsError('nothing to change was given', {
      how: 'give options, as --max-size 10MB or --unset max-size; `partner change --help` lists them',
      exitCode: EXIT.usage,
    });
  }
  const text = document === undefined ? undefined : await readText(document);
  await rewrite(name, command, {
    command: 'partner change',
    reason: reasonOf(raw),
    parameters: { ...fields, unset, ...(text !== undefined && { document: true }) },
    alter: (partner) => {
      const base = text === undefined ? partner : readDocument(text, partner);
      return applyOptions(unsetFields(name, base, unset, fields), fields);
    },
    message: `${name} was changed; ${EFFECTIVE}`,
    checksAll: true,
  });
}

export async function enablePartner(name: string, raw: unknown, command: Command): Promise<void> {
  await rewrite(name, command, {
    command: 'partner enable',
    reason: reasonOf(raw),
    alter: (partner) => ({ ...partner, enabled: true }),
    message: `${name} is enabled; ${EFFECTIVE}`,
    checksAll: true,
  });
}

export async function disablePartner(name: string, raw: unknown, command: Command): Promise<void> {
  await rewrite(name, command, {
    command: 'partner disable',
    reason: reasonOf(raw),
    alter: (partner) => ({ ...partner, enabled: false }),
    message: `${name} is disabled; ${EFFECTIVE}; open sessions continue`,
    checksAll: false,
  });
}
