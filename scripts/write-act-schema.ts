// Writes the JSON Schema of operators' acts for those who do not read TypeScript: `npm run docs:acts`.

import { writeFile } from 'node:fs/promises';
import { ACT_SCHEMA_FILE, actJsonSchema } from './act-json-schema.ts';

await writeFile(ACT_SCHEMA_FILE, actJsonSchema());
