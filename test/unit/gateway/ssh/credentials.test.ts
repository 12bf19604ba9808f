import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadOrCreateCredentials } from '../../../../gateway/ssh/credentials.ts';

async function temporaryDirectory() {
  const path = await mkdtemp(join(tmpdir(), 'airlock-credentials-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

test('credentials are created once, readable by their owner only, also by concurrent first starts', async () => {
  await using parent = await temporaryDirectory();
  const directory = join(parent.path, 'sftp');
  const [first, second] = await Promise.all([
    loadOrCreateCredentials(directory),
    loadOrCreateCredentials(directory),
  ]);
  expect(second).toEqual(first);
  expect(await loadOrCreateCredentials(directory)).toEqual(first);
  expect((await stat(directory)).mode & 0o777).toBe(0o700);
  const names = await readdir(directory);
  expect(names.toSorted()).toEqual(['demo-key', 'demo-password', 'host-key']);
  for (const name of names) {
    expect((await stat(join(directory, name))).mode & 0o777).toBe(0o600);
  }
});
