import { fileURLToPath } from 'node:url';
import { toJsonSchema } from '@valibot/to-json-schema';
import { Notice } from '../shared/notify/notice.ts';

export const NOTICE_SCHEMA_FILE = fileURLToPath(
  new URL('../docs/notice.schema.json', import.meta.url),
);

/** The JSON Schema of a notice, from the definition that the ingest uses. */
export function noticeJsonSchema(): string {
  // isoTimestamp has no exact equivalent in draft 7; the nearest one, `date-time`, is good enough.
  const schema = toJsonSchema(Notice, { errorMode: 'ignore' });
  return `${JSON.stringify({ title: 'Airlock notice', ...schema }, null, 2)}\n`;
}
