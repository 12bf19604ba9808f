import type { Command } from 'commander';
import { openContext } from '../context.ts';
import { shownDocument } from './document-text.ts';
import { Documents } from './documents.ts';
import { namesAlike } from './names.ts';
import { requireValid } from './validate.ts';
import { formatPartner, formatPartners, withoutSecrets } from './format.ts';

export async function listPartners(_options: unknown, command: Command): Promise<void> {
  const { target, out } = await openContext(command);
  using documents = new Documents(target);
  const all = await documents.list();
  const value = all.map(({ name, parsed }) =>
    'partner' in parsed ? withoutSecrets(parsed.partner) : { name, problems: parsed.problems },
  );
  for (const pair of namesAlike(all.map(({ name }) => name))) {
    out.note(
      `note: ${pair.join(' and ')} differ in case only; partners may take one for the other`,
    );
  }
  out.show(value, () => formatPartners(all, Date.now()));
}

export async function showPartner(
  name: string,
  _options: unknown,
  command: Command,
): Promise<void> {
  const { target, out } = await openContext(command);
  using documents = new Documents(target);
  const partner = requireValid(await documents.get(name));
  out.show(shownDocument(partner), () => formatPartner(partner, Date.now()));
}
