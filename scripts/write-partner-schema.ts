// Writes the partners' JSON Schema for editors: `npm run docs:partners`.

import { writeFile } from 'node:fs/promises';
import { partnerJsonSchema, PARTNER_SCHEMA_FILE } from './partner-json-schema.ts';

await writeFile(PARTNER_SCHEMA_FILE, partnerJsonSchema());
