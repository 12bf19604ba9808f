// Writes the notices' JSON Schema for those who do not read TypeScript: `npm run docs:notices`.

import { writeFile } from 'node:fs/promises';
import { noticeJsonSchema, NOTICE_SCHEMA_FILE } from './notice-json-schema.ts';

await writeFile(NOTICE_SCHEMA_FILE, noticeJsonSchema());
