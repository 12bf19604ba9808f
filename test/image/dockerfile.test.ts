import { execFile } from 'node:child_process';
import { cp, readdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { describeStack, withLogicalId } from '../../local/stack/stack.ts';
import { readTemplate } from '../../local/stack/template.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const dockerfile = await readFile('image/Dockerfile', 'utf8');
const run = promisify(execFile);

test('.dockerignore lets through what the build needs, and nothing local', async () => {
  await using context = await temporaryDirectory();
  const rules = (await readFile('.dockerignore', 'utf8')).split('\n');
  const allowed = rules.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
  expect(rules).toContain('*');
  expect(rules).toContain('image/node_modules');
  for (const path of allowed) {
    await cp(path, join(context.path, path), {
      recursive: true,
      filter: (from) => !from.endsWith('node_modules'),
    });
  }
  const copied = [...dockerfile.matchAll(/^COPY (?!--from)(?:--\S+ )*(.+) \S+$/gm)];
  const sources = copied.flatMap(([, paths = '']) => paths.split(' '));
  expect(sources.length).toBeGreaterThan(5);
  for (const source of sources) {
    expect(allowed.some((path) => source === path || source.startsWith(`${path}/`))).toBe(true);
  }

  // As in the stage `bundles`, with only the copied files.
  await symlink(join(process.cwd(), 'node_modules'), join(context.path, 'node_modules'));
  await run(process.execPath, ['image/bundle.ts', 'bundles'], { cwd: context.path });
  const bundles = join(context.path, 'bundles/functions');
  expect((await readdir(join(bundles, 'ingest'))).filter((name) => name.endsWith('.mjs'))).toEqual([
    'engine.mjs',
    'handler.mjs',
  ]);
  expect(await readdir(join(bundles, 'refresh-signatures'))).toContain('handler.mjs');
});

test('the template builds each image from a target of the Dockerfile, and names a handler that it contains', async () => {
  const template = await readTemplate('template.yaml');
  const stack = describeStack(
    template,
    { region: 'eu-central-1', accountId: '000000000000', stackName: 'a', sqsEndpoint: 'http://a' },
    {},
  );
  for (const [logicalId, target] of [
    ['IngestFunction', 'ingest'],
    ['RefreshSignaturesFunction', 'refresh-signatures'],
  ] as const) {
    expect(dockerfile).toContain(`FROM base AS ${target}`);
    const { source } = withLogicalId(stack.functions, logicalId);
    expect(source).toBe(`functions/${target}/handler.ts`);
    expect(dockerfile).toContain(`CMD ["functions/${target}/handler.handler"]`);
  }
});

test('everything in the images is pinned', async () => {
  const { devDependencies } = JSON.parse(await readFile('package.json', 'utf8'));
  expect(dockerfile).toContain(`ARG NODE_IMAGE=node:${devDependencies.node}-bookworm-slim\n`);
  expect(dockerfile.match(/^FROM (?!\$\{NODE_IMAGE\}|base)/gm)).toBeNull();
  const { dependencies } = JSON.parse(await readFile('image/package.json', 'utf8'));
  const lock = JSON.parse(await readFile('image/package-lock.json', 'utf8'));
  for (const [name, version] of Object.entries(dependencies)) {
    expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    expect(lock.packages[`node_modules/${name}`].version).toBe(version);
  }
});

test('the entrypoint passes sh -n and shellcheck', async () => {
  const faults = async (program: string, ...words: string[]): Promise<string> =>
    await run(program, [...words, 'image/entrypoint.sh']).then(
      () => '',
      // shellcheck runs only where it is installed.
      (error: { code: unknown; stdout: string; stderr: string }) =>
        error.code === 'ENOENT' ? '' : error.stdout + error.stderr,
    );
  expect(await faults('sh', '-n')).toBe('');
  expect(await faults('shellcheck')).toBe('');
});
