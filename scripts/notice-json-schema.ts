import { fileURLToPath } from 'node:url';
import { toJsonSchema } from '@valibot/to-json-schema';
import { Notice } from '../shared/notify/notice.ts';

export const NOTICE_SCHEMA_FILE = fileURLToPath(
  new URL('../docs/notice.schema.json', import.meta.url),
);

/** The JSON Schema of a notice, from the one definition that the ingest words notices by. */
export function noticeJsonSchema(): string {
  // Draft 7 knows no isoTimestamp of valibot's, but the format of that name means the same.
  const schema = toJsonSchema(Notice, { errorMode: 'ignore' });
  return `${JSON.stringify({ title: 'Airlock notice', ...schema }, null, 2)}\n`;
}
