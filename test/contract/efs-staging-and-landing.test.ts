import { createHash, randomBytes } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { efsLanding } from '../../shared/commit/efs-landing.ts';
import { efsStaging } from '../../shared/stage/efs-staging.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const signal = new AbortController().signal;

async function fileSystem() {
  const directory = await temporaryDirectory();
  const landingRoot = join(directory.path, 'landing');
  const stagingRoot = join(directory.path, 'staging');
  await mkdir(landingRoot);
  await mkdir(stagingRoot, { mode: 0o700 });
  return {
    landingRoot,
    stagingRoot,
    staging: efsStaging(stagingRoot),
    landing: efsLanding(landingRoot),
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}

test('a staged file is complete, hashed and private, and is removed when it was not committed', async () => {
  await using fs = await fileSystem();
  const content = randomBytes(3_000_000);
  {
    await using staged = await fs.staging.stage(Readable.from([content]), content.length, signal);
    expect((await readFile(staged.path)).equals(content)).toBe(true);
    expect(staged.sha256).toBe(createHash('sha256').update(content).digest('hex'));
    expect((await stat(staged.path)).mode & 0o777).toBe(0o600);
    expect((await stat(fs.stagingRoot)).mode & 0o777).toBe(0o700);
  }
  expect(await readdir(fs.stagingRoot)).toEqual([]);
});

test.each([
  ['too few bytes', Readable.from([Buffer.alloc(9)]), '9 of 10 bytes arrived'],
  ['too many bytes', Readable.from([Buffer.alloc(11)]), '11 of 10 bytes arrived'],
  ['no bytes', Readable.from([]), '0 of 10 bytes arrived'],
  [
    'a body that fails',
    Readable.from(
      (async function* () {
        yield Buffer.alloc(5);
        throw new Error('ECONNRESET by peer');
      })(),
    ),
    'broke off: ECONNRESET by peer',
  ],
])('%s: staging fails and leaves nothing behind', async (_name, body, words) => {
  await using fs = await fileSystem();
  await expect(fs.staging.stage(body, 10, signal)).rejects.toMatchObject({
    code: 'SOURCE_TRUNCATED',
    message: expect.stringContaining(words),
  });
  expect(await readdir(fs.stagingRoot)).toEqual([]);
});

test('a deadline in the middle of staging leaves nothing behind', async () => {
  await using fs = await fileSystem();
  const deadline = new AbortController();
  const body = new Readable({
    read() {
      this.push(Buffer.alloc(1000));
      deadline.abort();
    },
  });
  await expect(fs.staging.stage(body, 1e9, deadline.signal)).rejects.toMatchObject({
    code: 'DEADLINE_NEAR',
  });
  expect(await readdir(fs.stagingRoot)).toEqual([]);
});

test('without its root nothing is staged or landed, and the root is not made: the mount is missing', async () => {
  await using fs = await fileSystem();
  await rm(fs.stagingRoot, { recursive: true });
  const unavailable = { code: 'LANDING_UNAVAILABLE', message: expect.stringContaining('mounted?') };
  await expect(fs.staging.stage(Readable.from([Buffer.alloc(1)]), 1, signal)).rejects.toMatchObject(
    unavailable,
  );
  await expect(stat(fs.stagingRoot)).rejects.toThrow('ENOENT');

  await mkdir(fs.stagingRoot);
  await using staged = await fs.staging.stage(Readable.from([Buffer.alloc(1)]), 1, signal);
  await rm(fs.landingRoot, { recursive: true });
  for (const path of ['top', 'in/a/folder']) {
    await expect(fs.landing.commit(staged.path, path, 0)).rejects.toMatchObject(unavailable);
  }
  await expect(fs.landing.makeFolder('folder/')).rejects.toMatchObject(unavailable);
  await expect(stat(fs.landingRoot)).rejects.toThrow('ENOENT');
});

test('a committed file has its name, time and mode, and replaces the old one', async () => {
  await using fs = await fileSystem();
  const at = Date.UTC(2026, 0, 2, 3, 4, 5);
  for (const content of ['old', 'new']) {
    await using staged = await fs.staging.stage(Readable.from([Buffer.from(content)]), 3, signal);
    await fs.landing.commit(staged.path, 'deep/er/file.txt', at);
  }
  const landed = join(fs.landingRoot, 'deep/er/file.txt');
  expect(await readFile(landed, 'utf8')).toBe('new');
  expect((await stat(landed)).mtimeMs).toBe(at);
  expect((await stat(landed)).mode & 0o777).toBe(0o644);
  expect(await readdir(fs.stagingRoot)).toEqual([]);
});

test.each([
  ['a folder where the file should go', 'taken', async (at: string) => void (await mkdir(at))],
  ['a file where a folder should be', 'taken/file', (at: string) => writeFile(join(at, '..'), 'x')],
])(
  '%s: the error names the collision, and the staged file is removed',
  async (_name, path, occupy) => {
    await using fs = await fileSystem();
    await occupy(join(fs.landingRoot, path));
    {
      await using staged = await fs.staging.stage(Readable.from([Buffer.alloc(1)]), 1, signal);
      await expect(fs.landing.commit(staged.path, path, 0)).rejects.toMatchObject({
        code: 'KEY_COLLIDES',
        disposition: 'dead-letter',
        message: expect.stringContaining(path),
      });
    }
    expect(await readdir(fs.stagingRoot)).toEqual([]);
  },
);

test('making a folder that exists already changes nothing', async () => {
  await using fs = await fileSystem();
  await fs.landing.makeFolder('a/b/');
  await chmod(join(fs.landingRoot, 'a/b'), 0o700);
  await fs.landing.makeFolder('a/b/');
  expect((await stat(join(fs.landingRoot, 'a/b'))).mode & 0o777).toBe(0o700);
});

test('the landing root tells its own file from another upload of the same second', async () => {
  await using fs = await fileSystem();
  const at = Date.UTC(2026, 0, 2, 3, 4, 5) + 123;
  expect(await fs.landing.compare('a/file', at)).toBe('missing');
  await using staged = await fs.staging.stage(Readable.from([Buffer.from('bytes')]), 5, signal);
  await fs.landing.commit(staged.path, 'a/file', at);
  expect(await fs.landing.compare('a/file', at)).toBe('same');
  expect(await fs.landing.compare('a/file', at + 1)).toBe('different');
});

test('a file is recognized where the file system keeps whole seconds only', async () => {
  await using fs = await fileSystem();
  const at = Date.UTC(2026, 0, 2, 3, 4, 5);
  await using staged = await fs.staging.stage(Readable.from([Buffer.from('bytes')]), 5, signal);
  await fs.landing.commit(staged.path, 'file', at);
  expect(await fs.landing.compare('file', at + 123)).toBe('same');
  expect(await fs.landing.compare('file', at + 1000)).toBe('different');
});
