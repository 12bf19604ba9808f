import { fileURLToPath } from 'node:url';
import { toJsonSchema } from '@valibot/to-json-schema';
import { Partner } from '../shared/identity/partner/partner.ts';

export const PARTNER_SCHEMA_FILE = fileURLToPath(
  new URL('../docs/partner.schema.json', import.meta.url),
);

/** The JSON Schema of a partner's document, for editors; `partner check` knows more than it can say. */
export function partnerJsonSchema(): string {
  const schema = toJsonSchema(Partner, { errorMode: 'ignore', typeMode: 'input' });
  return `${JSON.stringify({ title: 'Airlock partner', ...schema }, null, 2)}\n`;
}
