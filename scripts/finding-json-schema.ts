import { fileURLToPath } from 'node:url';
import { toJsonSchema } from '@valibot/to-json-schema';
import { Finding } from '../shared/audit/finding.ts';

export const FINDING_SCHEMA_FILE = fileURLToPath(
  new URL('../docs/endpoint-finding.schema.json', import.meta.url),
);

/** The JSON Schema of a finding, from the definition that the audit uses. */
export function findingJsonSchema(): string {
  // isoTimestamp has no exact equivalent in draft 7; the nearest one, `date-time`, is good enough.
  const schema = toJsonSchema(Finding, { errorMode: 'ignore' });
  return `${JSON.stringify({ title: 'Airlock endpoint finding', ...schema }, null, 2)}\n`;
}
