import { constants, mkdir, open, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errorCode } from '../platform/errors.ts';
import { toLandingError } from '../model/file-system-errors.ts';
import type { Landing } from './landing.ts';

/** Staged files are private; landed files are readable for applications. */
const LANDED_MODE = 0o644;

/** Lands files under `landingRoot`; staged files must lie on the same file system. */
export function efsLanding(landingRoot: string): Landing {
  return {
    async commit(stagedPath, landingPath, modifiedAt) {
      const finalPath = join(landingRoot, landingPath);
      try {
        await finish(stagedPath, modifiedAt);
        await rename(stagedPath, finalPath).catch(async (error: unknown) => {
          if (errorCode(error) !== 'ENOENT') throw error;
          await makeFolders(landingRoot, dirname(landingPath));
          await rename(stagedPath, finalPath);
        });
        // The rename itself is durable only once the directory is.
        await flushDirectory(dirname(finalPath));
      } catch (error) {
        throw toLandingError(error, landingPath);
      }
    },

    async compare(landingPath, modifiedAt) {
      try {
        // NFS clients answer a bare `stat` from their cache; opening asks the server.
        await using file = await open(join(landingRoot, landingPath), 'r');
        const { mtimeMs } = await file.stat();
        return isSameTime(mtimeMs, modifiedAt) ? 'same' : 'different';
      } catch (error) {
        if (errorCode(error) === 'ENOENT') return 'missing';
        throw toLandingError(error, landingPath);
      }
    },

    async makeFolder(landingPath) {
      const folder = join(landingRoot, landingPath);
      try {
        await makeFolders(landingRoot, landingPath);
        // Fails when a file has that name.
        await flushDirectory(folder);
        await flushDirectory(dirname(folder));
      } catch (error) {
        throw toLandingError(error, landingPath);
      }
    },
  };
}

/** Some file systems keep whole seconds only; then those alone are compared. */
function isSameTime(kept: number, given: number): boolean {
  return Math.abs(kept - given) < 1 || kept === Math.floor(given / 1000) * 1000;
}

/** Mode, time and bytes must be on disk before the file gets its name. */
async function finish(stagedPath: string, modifiedAt: number): Promise<void> {
  const file = await open(stagedPath, 'r+');
  try {
    await file.chmod(LANDED_MODE);
    await file.utimes(modifiedAt / 1000, modifiedAt / 1000);
    await file.sync();
  } finally {
    await file.close();
  }
}

/**
 * Makes folders below the landing root, but never the root itself: where that is missing, the file
 * system is not mounted, and files would be delivered to a disk that no application reads.
 */
async function makeFolders(landingRoot: string, folder: string): Promise<void> {
  let path = landingRoot;
  if (folder === '.') return;
  for (const segment of folder.split('/').filter(Boolean)) {
    path = join(path, segment);
    await mkdir(path).catch((error: unknown) => {
      if (errorCode(error) !== 'EEXIST') throw error;
    });
  }
}

async function flushDirectory(path: string): Promise<void> {
  const directory = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
