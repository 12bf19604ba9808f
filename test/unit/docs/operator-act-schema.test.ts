import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { ACT_SCHEMA_FILE, actJsonSchema } from '../../../scripts/act-json-schema.ts';

test('the published JSON schema of an operator’s act is the one that the commands use', async () => {
  expect(await readFile(ACT_SCHEMA_FILE, 'utf8')).toBe(actJsonSchema());
});
