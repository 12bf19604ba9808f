import { fileURLToPath } from 'node:url';
import { toJsonSchema } from '@valibot/to-json-schema';
import { OperatorAct } from '../shared/acts/operator-act.ts';

export const ACT_SCHEMA_FILE = fileURLToPath(
  new URL('../docs/operator-act.schema.json', import.meta.url),
);

/** The JSON Schema of an operator's act, from the definition that the commands use. */
export function actJsonSchema(): string {
  // isoTimestamp has no exact equivalent in draft 7; the nearest one, `date-time`, is good enough.
  const schema = toJsonSchema(OperatorAct, { errorMode: 'ignore' });
  return `${JSON.stringify({ title: 'Airlock operator act', ...schema }, null, 2)}\n`;
}
