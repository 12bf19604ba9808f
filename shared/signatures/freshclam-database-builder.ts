import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { link, mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { HEADER_BYTES, readHeader } from './database-header.ts';
import type { DatabaseFile } from './published.ts';
import type { DatabaseBuilder } from './database-builder.ts';

/** freshclam's state and unfinished files, which are not part of the database. */
const NOT_DATABASE = /^(freshclam\.dat|mirrors\.dat|.*\.lock|\..*)$/;

/** Empties its directories below `root`; `assemble` links the files instead of copying them. */
export async function freshclamDatabaseBuilder(root: string): Promise<DatabaseBuilder> {
  const fresh = await emptyDirectory(join(root, 'fresh'));
  const custom = await emptyDirectory(join(root, 'custom'));
  const assembled = await emptyDirectory(join(root, 'assembled'));
  return {
    fresh,
    custom,
    async assemble() {
      for (const directory of [fresh, custom]) {
        for (const name of await databaseNames(directory)) {
          await link(join(directory, name), join(assembled, name));
        }
      }
      const names = await databaseNames(assembled);
      const files = await Promise.all(names.map((name) => describeFile(assembled, name)));
      return { directory: assembled, files };
    },
  };
}

async function emptyDirectory(path: string): Promise<string> {
  await rm(path, { recursive: true, force: true });
  await mkdir(path, { recursive: true, mode: 0o700 });
  return path;
}

async function databaseNames(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !NOT_DATABASE.test(entry.name))
    .map(({ name }) => name)
    .toSorted();
}

async function describeFile(directory: string, name: string): Promise<DatabaseFile> {
  const path = join(directory, name);
  const { size, mtime } = await stat(path);
  return {
    name,
    sizeBytes: size,
    sha256: await sha256Of(path),
    modifiedAt: mtime.toISOString(),
    header: readHeader(name, await beginningOf(path)),
  };
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

async function beginningOf(path: string): Promise<Buffer> {
  await using file = await open(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0);
  return buffer.subarray(0, bytesRead);
}
