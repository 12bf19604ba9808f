import { existsSync } from 'node:fs';
import type * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { describeStack } from '../../local/stack/stack.ts';
import { readTemplate } from '../../local/stack/template.ts';
import { parseEnvironment } from '../../shared/platform/environment.ts';
import { ROOT } from '../support/template/deployment.ts';

const { functions } = describeStack(await readTemplate(`${ROOT}template.yaml`), {
  region: 'eu-central-1',
  accountId: '123456789012',
  stackName: 'airlock',
  sqsEndpoint: 'https://sqs.eu-central-1.amazonaws.com',
});

type Schema = v.ObjectSchema<v.ObjectEntries, undefined>;

/** What a function reads: its config, and where another process runs beside the handler, that one's. */
async function schemasOf(source: string): Promise<readonly Schema[]> {
  const folder = `${ROOT}${source.replace('/handler.ts', '')}`;
  const modules = [`${folder}/config.ts`, `${folder}/engine-config.ts`].filter(existsSync);
  const loaded = await Promise.all(modules.map((path) => import(path)));
  return loaded.flatMap((each) => [each.Environment, each.EngineEnvironment].filter(Boolean));
}

describe.each(functions.map((spec) => [spec.logicalId, spec] as const))('%s', (name, spec) => {
  test('has a handler', async () => {
    expect(existsSync(`${ROOT}${spec.source}`)).toBe(true);
  });

  test('its environment is what its config reads, no more and no less', async () => {
    const schemas = await schemasOf(spec.source);
    for (const schema of schemas) parseEnvironment(schema, spec.environment, name);
    const entries = schemas.flatMap((schema) => Object.entries(schema.entries));
    // What may be absent is set elsewhere: by the image's entrypoint, which knows better.
    const needed = entries.filter(([, { type }]) => type !== 'optional').map(([key]) => key);
    const known = entries.map(([key]) => key);
    const set = Object.keys(spec.environment);
    expect(set.filter((key) => !known.includes(key))).toEqual([]);
    expect(needed.filter((key) => !set.includes(key))).toEqual([]);
  });
});

test('every function that is deployed is in the template', () => {
  const sources = functions.map(({ source }) => source);
  expect(new Set(sources).size).toBe(sources.length);
  expect(sources.length).toBe(8);
});
