import { mkdir, open, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { toLandingError } from '../platform/file-system-errors.ts';
import type { Landing } from './landing.ts';

/** Staged files are private; what has landed is for the applications to read. */
const LANDED_MODE = 0o644;

/** Lands files under `landingRoot`; staged files must lie on the same file system. */
export function efsLanding(landingRoot: string): Landing {
  return {
    async commit(stagedPath, landingPath, modifiedAt) {
      const finalPath = join(landingRoot, landingPath);
      try {
        await finish(stagedPath, modifiedAt);
        await mkdir(dirname(finalPath), { recursive: true });
        await rename(stagedPath, finalPath);
        // The rename itself is durable only once the directory is.
        await flushDirectory(dirname(finalPath));
      } catch (error) {
        throw toLandingError(error, landingPath);
      }
    },

    async makeFolder(landingPath) {
      const folder = join(landingRoot, landingPath);
      try {
        await mkdir(folder, { recursive: true });
        await flushDirectory(dirname(folder));
      } catch (error) {
        throw toLandingError(error, landingPath);
      }
    },
  };
}

/** Mode, time and bytes are on disk before the name is. */
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

async function flushDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
