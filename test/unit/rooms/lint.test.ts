import { spawnSync } from 'node:child_process';
import { copyFile, mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** Each of these has an import that its room may not have. */
const PLANTED: Readonly<Record<string, string>> = {
  'gateway/storage/a.ts': "export { b } from '../ssh/b.ts';\n",
  'gateway/transfers/upload/a.ts': "export { b } from '../../ssh/b.ts';\n",
  'gateway/sftp/a.ts': "export { b } from '../scp/b.ts';\n",
  'gateway/protocol/a.ts': "export { b } from '../../functions/ingest/b.ts';\n",
  'shared/decide/a.ts': "export { b } from '../commit/b.ts';\n",
  'shared/decide/c.ts': "import 'node:fs';\n",
  'shared/identity/login/a.ts': "export { b } from '../../pipeline/b.ts';\n",
  'shared/identity/login/c.ts': "import '@aws-sdk/client-s3';\n",
  'shared/commit/s3-a.ts': "export { b } from '../pipeline/b.ts';\n",
  'shared/model/a.ts': "export { b } from '../../functions/ingest/b.ts';\n",
  'functions/ingest/a.ts': "export { b } from '../../ops/b.ts';\n",
  'local/a.ts': "export { b } from '../functions/ingest/b.ts';\n",
  'ops/a.ts': "export { b } from '../functions/ingest/b.ts';\n",
};

const ALLOWED: Readonly<Record<string, string>> = {
  'gateway/ssh/d.ts': "export { b } from '../protocol/b.ts';\n",
  'shared/commit/d.ts': "export { b } from '../model/b.ts';\n",
  'shared/commit/s3-d.ts': "import '@aws-sdk/client-s3';\n",
  'functions/ingest/d.ts': "export { b } from '../../shared/pipeline/b.ts';\n",
};

const CIRCLE: Readonly<Record<string, string>> = {
  'gateway/storage/e.ts': "import { f } from './f.ts';\nexport const e = () => f;\n",
  'gateway/storage/f.ts': "import { e } from './e.ts';\nexport const f = () => e;\n",
};

const ROOMS =
  'gateway/ssh gateway/scp gateway/protocol shared/model shared/commit shared/pipeline functions/ingest ops'.split(
    ' ',
  );
const NEIGHBOURS = Object.fromEntries(
  ROOMS.map((room) => [`${room}/b.ts`, 'export const b = 1;\n']),
);

let said: readonly string[] = [];

// A tree of its own, under the project's own configuration.
beforeAll(async () => {
  await using directory = await temporaryDirectory();
  await copyFile(join(ROOT, 'oxlint.config.ts'), join(directory.path, 'oxlint.config.ts'));
  await symlink(join(ROOT, 'node_modules'), join(directory.path, 'node_modules'));
  await writeFile(join(directory.path, '.gitignore'), 'node_modules\n');
  const files = Object.entries({ ...NEIGHBOURS, ...PLANTED, ...ALLOWED, ...CIRCLE });
  for (const [name, text] of files) {
    await mkdir(dirname(join(directory.path, name)), { recursive: true });
    await writeFile(join(directory.path, name), text);
  }
  const oxlint = join(ROOT, 'node_modules', '.bin', 'oxlint');
  const folders = ['functions', 'gateway', 'local', 'ops', 'shared'];
  const { stdout } = spawnSync(oxlint, ['--format=unix', ...folders], {
    cwd: directory.path,
    encoding: 'utf8',
  });
  said = stdout.split('\n');
});

test.each(Object.entries(PLANTED))('lint refuses that %s does %s', (file) => {
  expect(said).toContainEqual(
    expect.stringMatching(new RegExp(`^${file}:1:.*no-restricted-imports`)),
  );
});

test.each(Object.keys(CIRCLE))('lint refuses the circle through %s', (file) => {
  expect(said).toContainEqual(expect.stringMatching(new RegExp(`^${file}:1:.*no-cycle`)));
});

test.each(Object.entries(ALLOWED))('lint lets %s do %s', (file) => {
  expect(said).not.toContainEqual(expect.stringMatching(new RegExp(`^${file}:.*restricted`)));
});
