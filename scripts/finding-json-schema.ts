import { fileURLToPath } from 'node:url';
import { toJsonSchema } from '@valibot/to-json-schema';
import { Finding } from '../shared/audit/finding.ts';

export const FINDING_SCHEMA_FILE = fileURLToPath(
  new URL('../docs/endpoint-finding.schema.json', import.meta.url),
);

/** The JSON Schema of a finding, from the one definition that the audit words findings by. */
export function findingJsonSchema(): string {
  // Draft 7 knows no isoTimestamp of valibot's, but the format of that name means the same.
  const schema = toJsonSchema(Finding, { errorMode: 'ignore' });
  return `${JSON.stringify({ title: 'Airlock endpoint finding', ...schema }, null, 2)}\n`;
}
