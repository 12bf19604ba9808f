import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { diskStaging } from '../../shared/stage/disk-staging.ts';
import type { Staging } from '../../shared/stage/staging.ts';
import { mayMount, mountMemory } from '../support/mount.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { until } from '../support/until.ts';

const signal = new AbortController().signal;

async function openStaging() {
  const directory = await temporaryDirectory();
  const root = join(directory.path, 'staging');
  return {
    root,
    staging: diskStaging(root),
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}

test('a staged file is complete, hashed and private, and is removed in the end', async () => {
  await using place = await openStaging();
  const content = randomBytes(3_000_000);
  {
    const body = Readable.from([content]);
    await using staged = await place.staging.stage(body, content.length, signal);
    expect((await readFile(staged.path)).equals(content)).toBe(true);
    expect(staged.sha256).toBe(createHash('sha256').update(content).digest('hex'));
    expect((await stat(staged.path)).mode & 0o777).toBe(0o600);
    expect((await stat(place.root)).mode & 0o777).toBe(0o700);
  }
  expect(await readdir(place.root)).toEqual([]);
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
  await using place = await openStaging();
  await expect(place.staging.stage(body, 10, signal)).rejects.toMatchObject({
    code: 'SOURCE_TRUNCATED',
    message: expect.stringContaining(words),
  });
  expect(await readdir(place.root)).toEqual([]);
});

test('a deadline in the middle of staging leaves nothing behind', async () => {
  await using place = await openStaging();
  const deadline = new AbortController();
  const body = new Readable({
    read() {
      this.push(Buffer.alloc(1000));
      deadline.abort();
    },
  });
  await expect(place.staging.stage(body, 1e9, deadline.signal)).rejects.toMatchObject({
    code: 'DEADLINE_NEAR',
  });
  expect(await readdir(place.root)).toEqual([]);
});

test('what a process left that died is removed before the first file is staged, and no later', async () => {
  await using place = await openStaging();
  await mkdir(join(place.root, 'unpacked'), { recursive: true });
  await writeFile(join(place.root, 'unpacked', 'member'), 'left over');
  const bodyOf = (text: string): Readable => Readable.from([Buffer.from(text)]);
  await using one = await place.staging.stage(bodyOf('one'), 3, signal);
  expect(await readdir(place.root)).toHaveLength(1);
  await using _two = await place.staging.stage(bodyOf('two'), 3, signal);
  expect(await readFile(one.path, 'utf8')).toBe('one');
});

test('a staging directory that is taken away is made again for the next file', async () => {
  await using place = await openStaging();
  const bodyOf = (text: string): Readable => Readable.from([Buffer.from(text)]);
  await using _one = await place.staging.stage(bodyOf('one'), 3, signal);
  await rm(place.root, { recursive: true });
  await using two = await place.staging.stage(bodyOf('two'), 3, signal);
  expect(await readFile(two.path, 'utf8')).toBe('two');
});

test('a staging directory that cannot be made is an error to be retried, which does not say where it is', async () => {
  await using directory = await temporaryDirectory();
  await writeFile(join(directory.path, 'file'), '');
  const staging = diskStaging(join(directory.path, 'file', 'staging'));
  const failed = staging.stage(Readable.from([]), 0, signal);
  await expect(failed).rejects.toMatchObject({
    code: 'STAGING_UNAVAILABLE',
    disposition: 'retry',
    message: expect.stringMatching(/^staging: ENOTDIR: not a directory, [a-z]+$/),
  });
  await expect(staging.capacityBytes()).rejects.toMatchObject({ code: 'STAGING_UNAVAILABLE' });
});

/** An eighth of it is kept free. */
const DISK_MB = 64;
const MB = 1_000_000;

describe.runIf(mayMount())('on a small disk', () => {
  async function openSmallDisk() {
    await using opening = new AsyncDisposableStack();
    const directory = opening.use(await temporaryDirectory());
    const disk = join(directory.path, 'disk');
    opening.use(await mountMemory(disk, DISK_MB));
    const parts = opening.move();
    return {
      disk,
      staging: diskStaging(join(disk, 'staging')),
      [Symbol.asyncDispose]: () => parts.disposeAsync(),
    };
  }

  const bodyOf = (bytes: number): Readable => Readable.from([Buffer.alloc(bytes)]);

  /** A file that has its room, and arrives as the test wants it to. */
  async function beginStaging({ disk, staging }: { disk: string; staging: Staging }) {
    const body = new PassThrough();
    const staged = staging.stage(body, 40 * MB, signal);
    await until(
      () => readdir(join(disk, 'staging')).catch(() => []),
      ({ length }) => length === 1,
    );
    return { body, staged };
  }

  test('a file waits for the room of one that is staged, however far that one is', async () => {
    await using small = await openSmallDisk();
    const first = await beginStaging(small);
    first.body.write(Buffer.alloc(MB));
    let isStaged = false;
    const second = small.staging.stage(bodyOf(30 * MB), 30 * MB, signal).then((staged) => {
      isStaged = true;
      return staged;
    });
    // What fits beside the first one does not wait.
    await using _third = await small.staging.stage(bodyOf(10 * MB), 10 * MB, signal);
    first.body.end(Buffer.alloc(39 * MB));
    {
      await using _ = await first.staged;
      expect(isStaged).toBe(false);
    }
    await using staged = await second;
    expect(staged.sizeBytes).toBe(30 * MB);
  });

  test('a file that failed gives its room back', async () => {
    await using small = await openSmallDisk();
    const first = await beginStaging(small);
    const second = small.staging.stage(bodyOf(40 * MB), 40 * MB, signal);
    first.body.end(Buffer.alloc(MB));
    await expect(first.staged).rejects.toMatchObject({ code: 'SOURCE_TRUNCATED' });
    await using staged = await second;
    expect(staged.sizeBytes).toBe(40 * MB);
  });

  test('a file that waits for room is given up at the deadline', async () => {
    await using small = await openSmallDisk();
    await using _first = await small.staging.stage(bodyOf(40 * MB), 40 * MB, signal);
    const deadline = new AbortController();
    const second = small.staging.stage(bodyOf(40 * MB), 40 * MB, deadline.signal);
    deadline.abort();
    await expect(second).rejects.toMatchObject({ code: 'DEADLINE_NEAR' });
  });

  test('without room although nothing else is staged, a file is handed back', async () => {
    await using small = await openSmallDisk();
    const filler = join(small.disk, 'filler');
    await writeFile(filler, Buffer.alloc(50 * MB));
    await expect(small.staging.stage(bodyOf(20 * MB), 20 * MB, signal)).rejects.toMatchObject({
      code: 'STAGING_FULL',
      disposition: 'retry',
      message: expect.stringMatching(/^20000000 bytes do not fit: \d+ bytes are free/),
    });
    await truncate(filler);
    await using staged = await small.staging.stage(bodyOf(20 * MB), 20 * MB, signal);
    expect(staged.sizeBytes).toBe(20 * MB);
  });

  test('a disk that others fill up while a file is staged is an error to be retried', async () => {
    await using small = await openSmallDisk();
    const { body, staged } = await beginStaging(small);
    await writeFile(join(small.disk, 'filler'), Buffer.alloc(50 * MB));
    body.end(Buffer.alloc(40 * MB));
    await expect(staged).rejects.toMatchObject({
      code: 'STAGING_FULL',
      message: expect.stringContaining('ENOSPC'),
    });
    expect(await readdir(join(small.disk, 'staging'))).toEqual([]);
  });

  test('its capacity leaves room for the engine to unpack', async () => {
    await using small = await openSmallDisk();
    expect(await small.staging.capacityBytes()).toBe((DISK_MB * 1024 ** 2 * 7) / 8);
  });
});
