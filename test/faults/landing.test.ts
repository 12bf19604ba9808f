import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { access, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { attributesOf } from '../support/airlock.ts';
import {
  expectDelivered,
  type FaultyAirlock,
  startFaultyAirlock,
  untilRetried,
  upload,
} from '../support/faulty-airlock.ts';
import { mayMount } from '../support/mount.ts';
import { temporaryDirectory, type TemporaryDirectory } from '../support/temporary-directory.ts';

const MAY_MOUNT = mayMount();

const SMALL = 'size=4m';
const LARGE = 'size=64m';

describe.runIf(MAY_MOUNT)('the landing file system', () => {
  let airlock: FaultyAirlock;
  let place: TemporaryDirectory;
  let mountPoint: string;

  beforeAll(async () => {
    place = await temporaryDirectory();
    mountPoint = join(place.path, 'mount');
    await mkdir(mountPoint);
    mount('-t', 'tmpfs', '-o', LARGE, 'airlock-test', mountPoint);
    airlock = await startFaultyAirlock({ parameters: { FileSystemRoot: mountPoint } });
  });
  afterAll(async () => {
    await airlock?.[Symbol.asyncDispose]();
    if (mountPoint) execFileSync('umount', ['--lazy', mountPoint]);
    await place?.[Symbol.asyncDispose]();
  });

  test('a landing file system without space delays a file until there is some', async () => {
    const content = randomBytes(6_000_000);
    remount(SMALL);
    await upload(airlock, 'large', content);
    await untilRetried(airlock, 'large', 'LANDING_FULL', /ENOSPC/);
    // A small one still lands, so nothing of the large one is left.
    await upload(airlock, 'small', 'still fits');
    await expectDelivered(airlock, 'small', 'still fits');
    await expect(access(airlock.landed('large'))).rejects.toThrow('ENOENT');

    remount(LARGE);
    await expectDelivered(airlock, 'large', content);
  });

  test('a read-only landing file system delays a file until it can be written', async () => {
    remount('ro');
    await upload(airlock, 'read-only', 'content');
    await untilRetried(airlock, 'read-only', 'LANDING_UNAVAILABLE', /EROFS/);

    remount('rw');
    await expectDelivered(airlock, 'read-only', 'content');
  });

  test('a mount that is gone delays a file; nothing is written to the disk beneath it', async () => {
    const kept = join(place.path, 'kept');
    await mkdir(kept);
    mount('--bind', mountPoint, kept);
    try {
      execFileSync('umount', [mountPoint]);
      await upload(airlock, 'deep/er/file', 'content');
      await untilRetried(airlock, 'deep/er/file', 'LANDING_UNAVAILABLE', /mounted\?/);
      expect(await readdir(mountPoint)).toEqual([]);
    } finally {
      mount('--bind', kept, mountPoint);
      execFileSync('umount', [kept]);
    }
    await expectDelivered(airlock, 'deep/er/file', 'content');
  });

  function remount(options: string): void {
    mount('-o', `remount,${options}`, mountPoint);
  }
});

describe('the landing tree', () => {
  let airlock: FaultyAirlock;

  beforeAll(async () => {
    airlock = await startFaultyAirlock();
  });
  afterAll(async () => {
    await airlock?.[Symbol.asyncDispose]();
  });

  test('a landing root that is gone delays a file, and is not made again', async () => {
    const { landingRoot } = airlock.info;
    await rename(landingRoot, `${landingRoot}-away`);
    await upload(airlock, 'no/root', 'content');
    await untilRetried(airlock, 'no/root', 'LANDING_UNAVAILABLE', /mounted\?/);
    await expect(access(landingRoot)).rejects.toThrow('ENOENT');

    await rename(`${landingRoot}-away`, landingRoot);
    await expectDelivered(airlock, 'no/root', 'content');
  });

  test('a file in place of the landing root delays a file, and nobody is asked to rename it', async () => {
    const { landingRoot } = airlock.info;
    await rename(landingRoot, `${landingRoot}-away`);
    await writeFile(landingRoot, 'not a folder');
    await upload(airlock, 'file/for/root', 'content');
    await untilRetried(airlock, 'file/for/root', 'LANDING_UNAVAILABLE', /ENOTDIR/);

    await rm(landingRoot);
    await rename(`${landingRoot}-away`, landingRoot);
    await expectDelivered(airlock, 'file/for/root', 'content');
  });

  test('an application that puts a pipe or a link in the way holds up nobody, and leads nowhere', async () => {
    await upload(airlock, 'by/application', 'first');
    await expectDelivered(airlock, 'by/application', 'first');
    await rm(airlock.landed('by/application'));
    execFileSync('mkfifo', [airlock.landed('by/application')]);
    await expectCollision('by/application', 'second');

    const outside = `${airlock.info.landingRoot}-outside`;
    await mkdir(outside);
    await rm(airlock.landed('by'), { recursive: true });
    await symlink(outside, airlock.landed('by'));
    await expectCollision('by/another', 'third');
    expect(await readdir(outside)).toEqual([]);
    await rm(airlock.landed('by'));
  });

  test('a file where a folder is needed: the new upload is refused, the landed file stays', async () => {
    await upload(airlock, 'taken', 'a file');
    await expectDelivered(airlock, 'taken', 'a file');
    await expectCollision('taken/file.txt', 'in a folder');
    await expectCollision('taken/', '');
    expect(await readFile(airlock.landed('taken'), 'utf8')).toBe('a file');
  });

  test('a folder where a file should go: the new upload is refused, the landed tree stays', async () => {
    await upload(airlock, 'folder/file.txt', 'in a folder');
    await expectDelivered(airlock, 'folder/file.txt', 'in a folder');
    await expectCollision('folder', 'a file');
    expect(await readFile(airlock.landed('folder/file.txt'), 'utf8')).toBe('in a folder');
  });

  async function expectCollision(key: string, content: string): Promise<void> {
    await upload(airlock, key, content);
    // Not the next best: a message that was received twice may have left two.
    const letter = await airlock.letterAbout(`"key":"${key}"`);
    expect(attributesOf(letter)).toMatchObject({ ErrorCode: 'KEY_COLLIDES', Key: key });
    expect(attributesOf(letter)['ErrorMessage']).not.toContain(airlock.info.landingRoot);
    await airlock.noticeOf(key, 'refused');
  }
});

function mount(...options: readonly string[]): void {
  execFileSync('mount', options, { stdio: 'pipe' });
}
