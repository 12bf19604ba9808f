import { execFileSync } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import {
  appendFile,
  chmod,
  mkdir,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  unlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { efsLanding } from '../../shared/commit/efs-landing.ts';
import type { FileToLand } from '../../shared/commit/landing.ts';
import { recordFileSystem } from '../support/file-system-record.ts';
import { mayMount, mountMemory } from '../support/mount.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const signal = new AbortController().signal;

async function fileSystem() {
  const directory = await temporaryDirectory();
  const landingRoot = join(directory.path, 'landing');
  const incomingRoot = join(directory.path, 'incoming');
  const stagingRoot = join(directory.path, 'staging');
  for (const root of [landingRoot, incomingRoot, stagingRoot]) await mkdir(root);
  return {
    path: directory.path,
    landingRoot,
    incomingRoot,
    landing: efsLanding({ landingRoot, incomingRoot }),
    landed: (path: string) => join(landingRoot, path),
    /** A staged file, as the pipeline hands it on. */
    async staged(content: string | Buffer): Promise<FileToLand> {
      const path = join(stagingRoot, randomUUID());
      await writeFile(path, content);
      const sha256 = createHash('sha256').update(content).digest('hex');
      return { path, sizeBytes: Buffer.byteLength(content), sha256 };
    },
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}

test('a committed file has its name, bytes, time and mode, and replaces the old one', async () => {
  await using fs = await fileSystem();
  const at = Date.UTC(2026, 0, 2, 3, 4, 5);
  for (const content of ['old', Buffer.alloc(3_000_001, 'new')]) {
    await fs.landing.commit(await fs.staged(content), 'deep/er/file.txt', at, signal);
    const landed = fs.landed('deep/er/file.txt');
    expect((await readFile(landed)).equals(Buffer.from(content))).toBe(true);
    expect((await stat(landed)).mtimeMs).toBe(at);
    expect((await stat(landed)).mode & 0o777).toBe(0o644);
  }
  expect(await readdir(fs.incomingRoot)).toEqual([]);
});

test('an empty file lands', async () => {
  await using fs = await fileSystem();
  await fs.landing.commit(await fs.staged(''), 'empty', 0, signal);
  expect(await readFile(fs.landed('empty'), 'utf8')).toBe('');
});

test.each([
  ['was changed', (path: string) => writeFile(path, 'CONTENT')],
  ['became shorter', (path: string) => writeFile(path, 'con')],
  ['is gone', (path: string) => unlink(path)],
])(
  'a staged file that %s after it was scanned does not land, and is tried again',
  async (_how, change) => {
    await using fs = await fileSystem();
    const staged = await fs.staged('content');
    await change(staged.path);
    await expect(fs.landing.commit(staged, 'file', 0, signal)).rejects.toMatchObject({
      code: 'STAGING_UNAVAILABLE',
      disposition: 'retry',
    });
    expect(await readdir(fs.landingRoot)).toEqual([]);
    expect(await readdir(fs.incomingRoot)).toEqual([]);
  },
);

test('of a staged file that became longer only what was scanned lands', async () => {
  await using fs = await fileSystem();
  const staged = await fs.staged('content');
  await appendFile(staged.path, ' and more');
  await fs.landing.commit(staged, 'file', 0, signal);
  expect(await readFile(fs.landed('file'), 'utf8')).toBe('content');
});

test('at the deadline a commit stops, and leaves nothing behind', async () => {
  await using fs = await fileSystem();
  const staged = await fs.staged('content');
  const stopped = fs.landing.commit(staged, 'file', 0, AbortSignal.abort());
  await expect(stopped).rejects.toMatchObject({ code: 'DEADLINE_NEAR' });
  expect(await readdir(fs.landingRoot)).toEqual([]);
  expect(await readdir(fs.incomingRoot)).toEqual([]);
});

test('bytes are on disk before a file has its name, and names before the commit ends', async () => {
  await using fs = await fileSystem();
  const staged = await fs.staged('content');
  using record = await recordFileSystem();
  await fs.landing.commit(staged, 'in/a/file', 0, signal);
  await fs.landing.makeFolder('in/b/');
  const calls = record.calls.map((call) =>
    call.replace(`${fs.path}/`, '').replace(/[^/]+\.partial/, 'partial'),
  );
  expect(calls).toEqual([
    'write incoming/partial',
    'chmod incoming/partial',
    'utimes incoming/partial',
    'sync incoming/partial',
    'mkdir landing/in',
    'sync landing',
    'mkdir landing/in/a',
    'sync landing/in',
    'rename landing/in/a/file',
    'sync landing/in/a',
    'mkdir landing/in/b',
    'sync landing/in',
  ]);
  expect(record.overlapping).toEqual([]);
});

test('making a folder that exists already changes nothing', async () => {
  await using fs = await fileSystem();
  await fs.landing.makeFolder('a/b/');
  await chmod(fs.landed('a/b'), 0o700);
  await fs.landing.makeFolder('a/b/');
  expect((await stat(fs.landed('a/b'))).mode & 0o777).toBe(0o700);
});

test('the landing root tells its own file from another upload of the same second', async () => {
  await using fs = await fileSystem();
  const at = Date.UTC(2026, 0, 2, 3, 4, 5) + 123;
  expect(await fs.landing.compare('a/file', at)).toBe('missing');
  await fs.landing.commit(await fs.staged('bytes'), 'a/file', at, signal);
  expect(await fs.landing.compare('a/file', at)).toBe('same');
  expect(await fs.landing.compare('a/file', at + 1)).toBe('different');
});

test('a file is recognized where the file system keeps whole seconds only', async () => {
  await using fs = await fileSystem();
  const at = Date.UTC(2026, 0, 2, 3, 4, 5);
  await fs.landing.commit(await fs.staged('bytes'), 'file', at, signal);
  expect(await fs.landing.compare('file', at + 123)).toBe('same');
  expect(await fs.landing.compare('file', at + 1000)).toBe('different');
});

test('the sweep removes what dead commits left, and nothing that may still be in use', async () => {
  await using fs = await fileSystem();
  await writeFile(join(fs.incomingRoot, 'dead.partial'), 'half of');
  await utimes(join(fs.incomingRoot, 'dead.partial'), 1000, 1000);
  await writeFile(join(fs.incomingRoot, 'alive.partial'), 'half of');
  await fs.landing.commit(await fs.staged('old'), 'landed.partial', 1000, signal);
  expect(await fs.landing.sweep(2_000_000)).toBe(1);
  expect(await readdir(fs.incomingRoot)).toEqual(['alive.partial']);
  expect(await readdir(fs.landingRoot)).toEqual(['landed.partial']);
});

type FileSystem = Awaited<ReturnType<typeof fileSystem>>;

/** Everything that may lie where it should not, but a folder and a file. */
const STRANGERS: readonly (readonly [string, (path: string, fs: FileSystem) => Promise<void>])[] = [
  ['a link to a file', async (path, fs) => symlink(join(fs.path, 'outside-file'), path)],
  ['a link to a folder', async (path, fs) => symlink(join(fs.path, 'outside'), path)],
  ['a link that leads nowhere', async (path) => symlink('nowhere', path)],
  ['a link to itself', async (path) => symlink(path, path)],
  ['a pipe', async (path) => void execFileSync('mkfifo', [path])],
  ['a socket', makeSocket],
];

async function makeSocket(path: string): Promise<void> {
  // A process that was killed leaves its socket behind; one that closes it does not.
  const script = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
  try {
    execFileSync(process.execPath, ['-e', script], { stdio: 'pipe' });
  } catch {
    // It was killed.
  }
  expect((await stat(path)).isSocket()).toBe(true);
}

describe.each(STRANGERS)('where an application has put %s', (_what, put) => {
  async function occupied(path: string): Promise<FileSystem> {
    const fs = await fileSystem();
    await mkdir(join(fs.path, 'outside'));
    await writeFile(join(fs.path, 'outside-file'), 'not ours');
    await put(fs.landed(path), fs);
    return fs;
  }

  async function expectUntouched(fs: FileSystem): Promise<void> {
    expect(await readdir(join(fs.path, 'outside'))).toEqual([]);
    expect(await readFile(join(fs.path, 'outside-file'), 'utf8')).toBe('not ours');
    expect(await readdir(fs.incomingRoot)).toEqual([]);
    expect(await readdir(fs.landingRoot)).toEqual(['taken']);
  }

  test.each([
    ['taken', 'landing taken: taken is no file'],
    ['taken/file', 'landing taken/file: taken is not a folder'],
    ['taken/in/a/file', 'landing taken/in/a/file: taken is not a folder'],
  ])('%s collides: nothing is replaced, followed or waited for', async (path, message) => {
    await using fs = await occupied('taken');
    await expect(fs.landing.commit(await fs.staged('x'), path, 0, signal)).rejects.toMatchObject({
      code: 'KEY_COLLIDES',
      disposition: 'dead-letter',
      message,
    });
    await expectUntouched(fs);
  });

  test.each(['taken/', 'taken/folder/'])('the folder %s collides', async (path) => {
    await using fs = await occupied('taken');
    const message = `landing ${path}: taken is not a folder`;
    await expect(fs.landing.makeFolder(path)).rejects.toMatchObject({
      code: 'KEY_COLLIDES',
      message,
    });
    await expectUntouched(fs);
  });

  test('what was delivered there is another file now, and missing below it', async () => {
    await using fs = await occupied('taken');
    expect(await fs.landing.compare('taken', 0)).toBe('different');
    expect(await fs.landing.compare('taken/file', 0)).toBe('missing');
    await expectUntouched(fs);
  });
});

test('a folder where the file should go, and a file where a folder should be, collide', async () => {
  await using fs = await fileSystem();
  await mkdir(fs.landed('folder'));
  await writeFile(fs.landed('file'), 'x');
  const staged = await fs.staged('content');
  await expect(fs.landing.commit(staged, 'folder', 0, signal)).rejects.toMatchObject({
    code: 'KEY_COLLIDES',
    message: 'landing folder: folder is a folder',
  });
  await expect(fs.landing.commit(staged, 'file/file', 0, signal)).rejects.toMatchObject({
    code: 'KEY_COLLIDES',
    message: 'landing file/file: file is not a folder',
  });
  await expect(fs.landing.makeFolder('file/')).rejects.toMatchObject({ code: 'KEY_COLLIDES' });
  expect(await fs.landing.compare('folder', 0)).toBe('different');
  expect(await fs.landing.compare('file/file', 0)).toBe('missing');
  expect(await readdir(fs.incomingRoot)).toEqual([]);
});

type Root = 'landingRoot' | 'incomingRoot';
const BROKEN: readonly (readonly [string, RegExp, (path: string) => Promise<void>])[] = [
  ['is missing', /ENOENT: .*mounted\?/, (path) => rm(path, { recursive: true })],
  [
    'is a file',
    /ENOTDIR: /,
    async (path) => {
      await rm(path, { recursive: true });
      await writeFile(path, 'not a folder');
    },
  ],
  [
    'is a link in a circle',
    /ELOOP: /,
    async (path) => {
      await rm(path, { recursive: true });
      await symlink(path, path);
    },
  ],
];

describe.each<Root>(['landingRoot', 'incomingRoot'])('where the %s', (root) => {
  test.each(BROKEN)('%s, files are delayed, and it is not made', async (_how, words, breakIt) => {
    await using fs = await fileSystem();
    const staged = await fs.staged('content');
    await breakIt(fs[root]);
    const before = await readdir(fs.path);
    for (const path of ['top', 'in/a/folder']) {
      await expectUnavailable(fs, words, fs.landing.commit(staged, path, 0, signal));
    }
    if (root === 'landingRoot') {
      await expectUnavailable(fs, words, fs.landing.makeFolder('folder/'));
      await expectUnavailable(fs, words, fs.landing.compare('file', 0));
    }
    expect(await readdir(fs.path)).toEqual(before);
    expect(await fs.landing.sweep(Infinity)).toBe(0);
  });
});

async function expectUnavailable(fs: FileSystem, words: RegExp, failing: Promise<unknown>) {
  await expect(failing).rejects.toMatchObject({
    code: 'LANDING_UNAVAILABLE',
    disposition: 'retry',
    message: expect.stringMatching(words),
  });
  await expect(failing).rejects.not.toThrow(fs.path);
}

describe.runIf(mayMount())('on a file system of its own', () => {
  test('one that is full, or read-only, delays files, and says why without saying where', async () => {
    await using fs = await fileSystem();
    const mountPoint = join(fs.path, 'mount');
    using _mount = await mountMemory(mountPoint, 4);
    const [landingRoot, incomingRoot] = [join(mountPoint, 'landing'), join(mountPoint, 'incoming')];
    await mkdir(landingRoot);
    await mkdir(incomingRoot);
    const landing = efsLanding({ landingRoot, incomingRoot });
    const large = landing.commit(await fs.staged(Buffer.alloc(6_000_000)), 'file', 0, signal);
    await expect(large).rejects.toMatchObject({
      code: 'LANDING_FULL',
      disposition: 'retry',
      message: expect.stringContaining('ENOSPC'),
    });
    await expect(large).rejects.not.toThrow(fs.path);
    expect(await readdir(incomingRoot)).toEqual([]);
    await landing.commit(await fs.staged('small'), 'file', 0, signal);

    execFileSync('mount', ['-o', 'remount,ro', mountPoint]);
    await expectUnavailable(fs, /EROFS/, landing.commit(await fs.staged('later'), 'x', 0, signal));
    await expectUnavailable(fs, /EROFS/, landing.makeFolder('folder/'));
    expect(await landing.compare('file', 0)).toBe('same');
  });

  test('roots on two file systems are a mistake of the deployment, not of the key', async () => {
    await using fs = await fileSystem();
    const elsewhere = join(fs.path, 'mount');
    using _mount = await mountMemory(elsewhere, 4);
    const landing = efsLanding({ landingRoot: fs.landingRoot, incomingRoot: elsewhere });
    const failing = landing.commit(await fs.staged('content'), 'file', 0, signal);
    await expectUnavailable(fs, /EXDEV.*one file system/, failing);
    expect(await readdir(elsewhere)).toEqual([]);
  });
});
