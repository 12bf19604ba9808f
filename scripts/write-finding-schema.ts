// Writes the audit findings' JSON Schema for those who do not read TypeScript: `npm run docs:findings`.

import { writeFile } from 'node:fs/promises';
import { findingJsonSchema, FINDING_SCHEMA_FILE } from './finding-json-schema.ts';

await writeFile(FINDING_SCHEMA_FILE, findingJsonSchema());
