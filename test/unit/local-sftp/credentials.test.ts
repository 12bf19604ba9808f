import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  demoPartner,
  loadOrCreateCredentials,
  type Credentials,
} from '../../../local/sftp/credentials.ts';

async function temporaryDirectory() {
  const path = await mkdtemp(join(tmpdir(), 'airlock-credentials-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

test('credentials are made once, for their owner only, and two first starts agree', async () => {
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

test('the demo partner is let in by password or key, and nobody else is', async () => {
  await using parent = await temporaryDirectory();
  const credentials = await loadOrCreateCredentials(parent.path);
  const other = await loadOrCreateCredentials(join(parent.path, 'other'));
  const authenticate = demoPartner(credentials, 'inbox');
  const from = { remoteAddress: '127.0.0.1' };
  const byPassword = (username: string, password: string) =>
    authenticate({ ...from, method: 'password', username, password });
  const byKey = (username: string, whose: Credentials) =>
    authenticate({ ...from, method: 'publickey', username, key: keyOf(whose) });

  const session = { username: 'demo', bucket: 'inbox', prefix: '' };
  expect(await byPassword('demo', credentials.password)).toEqual(session);
  expect(await byKey('demo', credentials)).toEqual(session);
  expect(await byPassword('demo', other.password)).toBeUndefined();
  expect(await byPassword('demo', '')).toBeUndefined();
  expect(await byPassword('root', credentials.password)).toBeUndefined();
  expect(await byKey('demo', other)).toBeUndefined();
  expect(await byKey('root', credentials)).toBeUndefined();
});

function keyOf({ publicKey }: Credentials) {
  return {
    algorithm: 'ssh-ed25519',
    bytes: Buffer.from(publicKey.split(' ')[1] ?? '', 'base64'),
  };
}
