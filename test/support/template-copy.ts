import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryDirectory } from './temporary-directory.ts';

const TEMPLATE = fileURLToPath(new URL('../../template.yaml', import.meta.url));

export type TemplateChanges = {
  /** Environment of the ingest function, as YAML; it goes before what the template and the runtime set. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Another handler in place of the ingest function's: `path/of/module.export`. */
  readonly handler?: string;
};

/** A copy of template.yaml in which the ingest function is set up for a test. */
export async function templateWith(
  changes: TemplateChanges,
): Promise<AsyncDisposable & { readonly path: string }> {
  const text = await readFile(TEMPLATE, 'utf8');
  const at = text.indexOf('\n  IngestFunction:');
  let ingest = text.slice(at);
  const { environment = {}, handler } = changes;
  for (const [name, value] of Object.entries(environment)) {
    const line = `\n          ${name}: `;
    ingest = ingest.replace(new RegExp(`${line}.*`), '');
    ingest = replaceOnce(ingest, '        Variables:', (found) => `${found}${line}${value}`);
  }
  if (handler !== undefined) {
    ingest = replaceOnce(ingest, 'functions/ingest/handler.handler', () => handler);
  }
  const directory = await temporaryDirectory();
  const path = join(directory.path, 'template.yaml');
  await writeFile(path, text.slice(0, at) + ingest);
  return { path, [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose]() };
}

function replaceOnce(text: string, found: string, by: (found: string) => string): string {
  assert.ok(text.includes(found), `template.yaml no longer has "${found}" in its IngestFunction`);
  return text.replace(found, by);
}
