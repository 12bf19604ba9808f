import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, lstat, mkdir, open, readdir, rename, rm, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { toLandingError, toLandingRootError, toStagingError } from '../model/file-system-errors.ts';
import { IngestError } from '../model/ingest-error.ts';
import { readPieces, writeHashed } from '../platform/disk-copy.ts';
import { errorCode } from '../platform/errors.ts';
import type { FileToLand, Landing } from './landing.ts';

/*
 * Applications may do anything below the landing root while we work there. So each folder is opened in
 * the one before it, without following links, and is used by its file descriptor from then on: what
 * replaces a folder meanwhile cannot lead us elsewhere. Node has no `openat`; a path below Linux's
 * /proc/self/fd does the same. Nothing is opened in a way that waits for somebody: a pipe would.
 */

const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK } = constants;
const ROOT = O_RDONLY | O_DIRECTORY;
const FOLDER = O_RDONLY | O_DIRECTORY | O_NOFOLLOW;
const FILE = O_RDONLY | O_NOFOLLOW | O_NONBLOCK;

/** Opening by `FILE` a link, and a socket or a pipe without a reader. */
const IS_NO_FILE = ['ELOOP', 'ENXIO', 'ENODEV'];

/** Private until the file is complete; then readable for applications. */
const PARTIAL_MODE = 0o600;
const LANDED_MODE = 0o644;

/** Suffix of files that are still being copied. */
const PARTIAL = '.partial';

export type LandingRoots = {
  /** What applications read. */
  readonly landingRoot: string;
  /** Private, not below `landingRoot`, on the same file system: files are complete before they land. */
  readonly incomingRoot: string;
};

/** Neither root is ever made here: where one is missing, the file system is not mounted. */
export function efsLanding({ landingRoot, incomingRoot }: LandingRoots): Landing {
  return {
    async commit(file, landingPath, modifiedAt, signal) {
      const partial = join(incomingRoot, `${randomUUID()}${PARTIAL}`);
      const { folders, name } = stepsTo(landingPath);
      try {
        // Bytes, mode and time must be on disk before the file gets its name.
        await copyTo(partial, file, modifiedAt, signal);
        await using folder = await openFolder(landingRoot, folders, landingPath, makeStep);
        await requireReplaceable(folder, name, landingPath);
        await moveInto(folder, name, partial);
        // The name itself is durable only once the folder is.
        await folder.sync();
      } catch (error) {
        // If removal fails, the sweep removes it later; the error that led here must stay visible.
        await unlink(partial).catch(() => {});
        throw toLandingError(error, landingPath);
      }
    },

    async compare(landingPath, modifiedAt) {
      const { folders, name } = stepsTo(landingPath);
      try {
        await using folder = await findFolder(landingRoot, folders, landingPath);
        if (folder === undefined) return 'missing';
        // NFS clients answer a bare `stat` from their cache; opening asks the server.
        await using file = await open(within(folder, name), FILE);
        const found = await file.stat();
        return found.isFile() && isSameTime(found.mtimeMs, modifiedAt) ? 'same' : 'different';
      } catch (error) {
        const code = errorCode(error) ?? '';
        if (code === 'ENOENT') return 'missing';
        if (IS_NO_FILE.includes(code)) return 'different';
        throw toLandingError(error, landingPath);
      }
    },

    async makeFolder(landingPath) {
      const { folders, name } = stepsTo(landingPath);
      try {
        const steps = [...folders, name];
        await using _ = await openFolder(landingRoot, steps, landingPath, makeStep);
      } catch (error) {
        throw toLandingError(error, landingPath);
      }
    },

    async sweep(before) {
      let count = 0;
      for (const name of await readdir(incomingRoot).catch(() => [])) {
        const path = join(incomingRoot, name);
        const touchedAt = await lstat(path).then(
          ({ mtimeMs }) => mtimeMs,
          () => Infinity, // landed or removed meanwhile
        );
        if (!name.endsWith(PARTIAL) || touchedAt >= before) continue;
        await rm(path, { force: true });
        count += 1;
      }
      return count;
    },
  };
}

/** Some file systems keep whole seconds only; then those alone are compared. */
function isSameTime(kept: number, given: number): boolean {
  return Math.abs(kept - given) < 1 || kept === Math.floor(given / 1000) * 1000;
}

/** Copies the file to a name that only we see. What is copied must be what was judged. */
async function copyTo(
  partial: string,
  staged: FileToLand,
  modifiedAt: number,
  signal: AbortSignal,
): Promise<void> {
  try {
    await using file = await open(partial, 'wx', PARTIAL_MODE);
    const written = await writeHashed(stagedPieces(staged, signal), file);
    if (written.sizeBytes !== staged.sizeBytes || written.sha256 !== staged.sha256) {
      throw new IngestError('STAGING_UNAVAILABLE', 'the staged file is not what was scanned');
    }
    await file.chmod(LANDED_MODE);
    await file.utimes(modifiedAt / 1000, modifiedAt / 1000);
    await file.sync();
  } catch (error) {
    throw toLandingRootError(error);
  }
}

async function* stagedPieces(
  { path, sizeBytes }: FileToLand,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  try {
    for await (const piece of readPieces(path, sizeBytes)) {
      if (signal.aborted) {
        throw new IngestError('DEADLINE_NEAR', 'landing was stopped before the deadline');
      }
      yield piece;
    }
  } catch (error) {
    throw toStagingError(error);
  }
}

function stepsTo(landingPath: string): { readonly folders: string[]; readonly name: string } {
  const folders = landingPath.split('/').filter(Boolean);
  const name = folders.pop() ?? '';
  return { folders, name };
}

/** The path of a name in an open folder, wherever that folder is by now. */
function within(folder: FileHandle, name: string): string {
  return `/proc/self/fd/${folder.fd}/${name}`;
}

type Step = (folder: FileHandle, name: string) => Promise<FileHandle>;

const takeStep: Step = (folder, name) => open(within(folder, name), FOLDER);

/** Makes the folder if it is missing. */
const makeStep: Step = async (folder, name) => {
  try {
    return await takeStep(folder, name);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
  await mkdir(within(folder, name)).catch((error: unknown) => {
    if (errorCode(error) !== 'EEXIST') throw error; // made by another worker
  });
  await folder.sync();
  return await takeStep(folder, name);
};

/** @throws IngestError when the root cannot be opened, or something on the way is no folder */
async function openFolder(
  root: string,
  names: readonly string[],
  landingPath: string,
  step: Step,
): Promise<FileHandle> {
  let folder = await open(root, ROOT).catch((error: unknown) => {
    throw toLandingRootError(error);
  });
  for (const [index, name] of names.entries()) {
    await using previous = folder;
    folder = await step(previous, name).catch((error: unknown) => {
      if (!isNoFolder(error)) throw error;
      const place = names.slice(0, index + 1).join('/');
      throw collides(landingPath, place, 'is not a folder');
    });
  }
  return folder;
}

/** The folder that holds a file; `undefined` where there is none. */
async function findFolder(
  root: string,
  names: readonly string[],
  landingPath: string,
): Promise<FileHandle | undefined> {
  try {
    return await openFolder(root, names, landingPath, takeStep);
  } catch (error) {
    const isCollision = error instanceof IngestError && error.code === 'KEY_COLLIDES';
    if (isCollision || errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Linux says ENOTDIR of a link that is not to be followed, other systems ELOOP. */
function isNoFolder(error: unknown): boolean {
  return ['ENOTDIR', 'ELOOP'].includes(errorCode(error) ?? '');
}

/** A rename replaces a link or a pipe without a word; but somebody put it there. */
async function requireReplaceable(
  folder: FileHandle,
  name: string,
  landingPath: string,
): Promise<void> {
  const found = await lstat(within(folder, name)).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (found === undefined || found.isFile()) return;
  throw collides(landingPath, landingPath, found.isDirectory() ? 'is a folder' : 'is no file');
}

async function moveInto(folder: FileHandle, name: string, partial: string): Promise<void> {
  await rename(partial, within(folder, name)).catch((error: unknown) => {
    throw errorCode(error) === 'EXDEV' ? toLandingRootError(error) : error;
  });
}

function collides(landingPath: string, place: string, what: string): IngestError {
  return new IngestError('KEY_COLLIDES', `landing ${landingPath}: ${place} ${what}`);
}
