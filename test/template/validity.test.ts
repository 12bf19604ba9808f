import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CelEngine, TemplateFile } from '@aws/cloudformation-validate';
import { describe, expect, test } from 'vitest';
import { expanded, ROOT, template, TEXT } from '../support/template/deployment.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const run = promisify(execFile);
const hasLinter = await run('cfn-lint', ['--version']).then(
  () => true,
  () => false,
);

test('AWS finds nothing to say against the template after the SAM transform', async () => {
  await using directory = await temporaryDirectory();
  const path = join(directory.path, 'expanded.json');
  await writeFile(path, JSON.stringify(expanded));
  const engine = new CelEngine();
  try {
    const { diagnostics } = engine.validateStandard(new TemplateFile(path), {
      severityLevel: 'WARN',
      // The default event bus is not ours to refer to.
      exclude: { resourceIds: [{ ruleId: 'W9002', resourceId: 'ArrivalArchive' }] },
    });
    expect(diagnostics.map(({ ruleId, message }) => `${ruleId}: ${message}`)).toEqual([]);
  } finally {
    engine.free();
  }
});

describe.runIf(hasLinter)('cfn-lint, where it is installed,', () => {
  const lint = async (path: string): Promise<string> => {
    const { stdout } = await run('cfn-lint', [path], { cwd: ROOT }).catch(
      (error: { stdout: string }) => error,
    );
    return stdout;
  };

  test('has no finding before the transform', async () => {
    expect(await lint('template.yaml')).toBe('');
  });

  test('has no finding after it', async () => {
    await using directory = await temporaryDirectory();
    const path = join(directory.path, 'expanded.json');
    await writeFile(path, JSON.stringify(expanded));
    expect(await lint(path)).toBe('');
  });
});

describe('whoever reads it finds no loose end', () => {
  const text = JSON.stringify(template);
  const section = (name: string): Readonly<Record<string, any>> => template[name] as any;
  const uses = (name: string): boolean =>
    text.includes(`{"Ref":"${name}"}`) || TEXT.includes(`\${${name}}`);

  test('every parameter is used, is explained, and is shown in one group', () => {
    const groups = section('Metadata')['AWS::CloudFormation::Interface'].ParameterGroups;
    const shown = groups.flatMap(({ Parameters }: { Parameters: string[] }) => Parameters);
    expect(shown.toSorted()).toEqual(Object.keys(section('Parameters')).toSorted());
    for (const [name, { Description }] of Object.entries(section('Parameters'))) {
      expect(uses(name), name).toBe(true);
      expect(Description?.length, name).toBeGreaterThan(15);
    }
  });

  test('every parameter has a default: a first deployment asks nothing', () => {
    for (const [name, parameter] of Object.entries(section('Parameters'))) {
      expect(parameter, name).toHaveProperty('Default');
    }
  });

  test('every condition is used', () => {
    for (const name of Object.keys(section('Conditions'))) {
      const used = [`"Condition":"${name}"`, `"Fn::If":["${name}"`].some((use) =>
        text.includes(use),
      );
      expect(used, name).toBe(true);
    }
  });

  test('every output is explained', () => {
    for (const [name, { Description }] of Object.entries(section('Outputs'))) {
      expect(Description?.length, name).toBeGreaterThan(15);
    }
  });

  test('samconfig.toml sets only parameters that there are, to values that they take', async () => {
    const settings = [
      ...(await readFile(`${ROOT}samconfig.toml`, 'utf8')).matchAll(/"(\w+)=(.*)",$/gm),
    ];
    expect(settings.length).toBeGreaterThan(5);
    for (const [, name = '', value = ''] of settings) {
      const { AllowedValues, MaxValue } = section('Parameters')[name] ?? { AllowedValues: [] };
      expect((AllowedValues ?? [value]).map(String), `${name}=${value}`).toContain(value);
      expect(Number(value) > (MaxValue ?? Infinity), `${name}=${value}`).toBe(false);
    }
  });

  test('lines fit a page', () => {
    const long = TEXT.split('\n').filter(
      // Widgets of the dashboard are JSON, one each; an ARN cannot be broken.
      (line) => line.length > 130 && !/^\s*[{["]|!Sub/.test(line),
    );
    expect(long).toEqual([]);
  });

  test('what is kept outlives the stack', () => {
    const kept = Object.entries(template.Resources).filter(([, { Type }]) =>
      /^AWS::(S3::Bucket|EFS::FileSystem|KMS::Key)$/.test(Type),
    );
    expect(kept.length).toBe(6);
    for (const [id, resource] of kept) {
      expect(resource, id).toMatchObject({
        DeletionPolicy: 'Retain',
        UpdateReplacePolicy: 'Retain',
      });
    }
  });
});
