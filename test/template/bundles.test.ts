import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { describe, expect, test } from 'vitest';
import { deploy, ROOT, template } from '../support/template/deployment.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

type BuildProperties = {
  readonly EntryPoints: readonly [string];
  readonly Format: 'esm';
  readonly OutExtension: readonly string[];
  readonly Target: string;
  readonly Minify: boolean;
  readonly Sourcemap: boolean;
  readonly Banner: readonly string[];
};

const builds = Object.entries(template.Resources).flatMap(([id, { Metadata }]) => {
  const { BuildMethod, BuildProperties } = (Metadata ?? {}) as {
    BuildMethod?: string;
    BuildProperties?: BuildProperties;
  };
  return BuildMethod === 'esbuild' && BuildProperties ? [[id, BuildProperties] as const] : [];
});

/** `.js=.mjs` is esbuild's command line for one entry of a record. */
const record = (pairs: readonly string[]): Record<string, string> =>
  Object.fromEntries(pairs.map((pair) => pair.split(/=(.*)/s).slice(0, 2)));

/** As `sam build` calls esbuild for these properties. */
async function buildAsSam(properties: BuildProperties, outdir: string): Promise<readonly string[]> {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: [...properties.EntryPoints],
    outdir,
    bundle: true,
    platform: 'node',
    metafile: true,
    format: properties.Format,
    outExtension: record(properties.OutExtension),
    target: properties.Target,
    minify: properties.Minify,
    sourcemap: properties.Sourcemap,
    banner: record(properties.Banner),
    logLevel: 'silent',
  });
  return Object.keys(metafile.inputs);
}

const LOAD = `
  const { handler } = await import(process.argv[1]);
  process.stdout.write(typeof handler);
`;

test('every function that is not an image is built by esbuild', () => {
  expect(builds.map(([id]) => id).toSorted()).toEqual([
    'AuditEndpointsFunction',
    'IdentityProviderFunction',
    'PrepareFileSystemFunction',
    'ReconcileFunction',
    'ReportDeadLettersFunction',
    'SftpAddressFunction',
  ]);
});

describe.each(builds)('the bundle of %s', (id, properties) => {
  test('holds nothing of the tools, and loads by itself', async () => {
    await using directory = await temporaryDirectory();
    const inputs = await buildAsSam(properties, directory.path);
    expect(inputs.filter((input) => /^(local|ops|test|bench|scripts)\//.test(input))).toEqual([]);

    const deployed = deploy().find((resource) => resource.id === id)?.properties;
    const [file, exportName] = deployed.Handler.split('.');
    expect(exportName).toBe('handler');
    const variables = Object.entries(deployed.Environment?.Variables ?? {});
    const environment = Object.fromEntries(variables.map(([name, value]) => [name, String(value)]));
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--input-type=module', '-e', LOAD, join(directory.path, `${file}.mjs`)],
      {
        cwd: directory.path,
        env: {
          ...environment,
          TRANSFER_ROLE_ARN: 'arn:aws:iam::1:role/r',
          AWS_REGION: 'eu-central-1',
        },
      },
    );
    expect(stdout).toBe('function');
  });
});
