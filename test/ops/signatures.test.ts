import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { s3SignatureStore } from '../../shared/signatures/s3-signature-store.ts';
import type { SignatureStore } from '../../shared/signatures/signature-store.ts';
import { type Installation, startInstallation } from '../support/installation.ts';

const signal = AbortSignal.timeout(60_000);
let airlock: Installation;
let store: SignatureStore;

beforeAll(async () => {
  airlock = await startInstallation();
  store = s3SignatureStore(airlock.s3, 'airlock-signature-bucket');
});
afterAll(() => airlock[Symbol.asyncDispose]());

const signatures = (...words: readonly string[]) => airlock.ops(['signatures', ...words]);

async function publish(version: string): Promise<void> {
  const directory = join(airlock.home, version);
  await mkdir(directory);
  await writeFile(join(directory, 'test.ndb'), version);
  const sha256 = createHash('sha256').update(version).digest('hex');
  const at = '2026-11-21T09:00:00.000Z';
  const file = {
    name: 'test.ndb',
    sizeBytes: version.length,
    sha256,
    modifiedAt: at,
    header: null,
  };
  const manifest = {
    version,
    publishedAt: at,
    engine: 'ClamAV 1.4.6',
    builtAt: null,
    files: [file],
  };
  await store.upload(manifest, directory, signal);
  const options = { isPinned: false, switchedAt: Date.now() };
  await store.switchTo(version, await store.current(signal), options, signal);
}

test('an operator goes back to earlier signatures, which stay in force until they are released', async () => {
  expect((await signatures('list')).stdout).toBe('No signatures are published.\n');
  await publish('v1');
  await publish('v2');
  expect((await signatures('list')).stdout).toMatch(/v2 +in force\nv1\n/);

  expect(await signatures('use', 'v1', '--reason', 'v2 finds harmless files')).toMatchObject({
    code: 0,
  });
  expect((await signatures('list')).stdout).toMatch(/v2\nv1 +in force, pinned/);
  expect((await store.current(signal))?.pointer).toMatchObject({ version: 'v1', isPinned: true });

  expect(await signatures('release')).toMatchObject({ code: 0 });
  expect((await store.current(signal))?.pointer).toMatchObject({ version: 'v1', isPinned: false });
  expect(await signatures('release')).toMatchObject({ code: 3 });
});

test('signatures that do not exist cannot be put in force, and those that do are named', async () => {
  const { code, stderr } = await signatures('use', 'v9', '--reason', 'test');
  expect({ code, stderr }).toMatchObject({
    code: 3,
    stderr: expect.stringMatching(/no signatures v9\n.*\n.*use one of v2, v1/),
  });
  const ambiguous = await signatures('use', 'v', '--reason', 'test');
  expect(ambiguous).toMatchObject({ code: 2, stderr: expect.stringContaining('2 versions') });
  expect(await signatures('use', 'v2')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--reason'),
  });
});

test('what was put in force, by whom and why, is on the event bus', () => {
  expect(airlock.acts).toMatchObject([
    {
      command: 'signatures use',
      reason: 'v2 finds harmless files',
      parameters: { version: 'v1', replaces: 'v2' },
      subjects: [{ kind: 'signatures', id: 'v1' }],
    },
    { command: 'signatures release', subjects: [{ kind: 'signatures', id: 'v1' }] },
  ]);
});
