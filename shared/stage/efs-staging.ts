import { randomUUID } from 'node:crypto';
import { readdir, rm, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { IngestError } from '../model/ingest-error.ts';
import { toStagingError } from '../model/file-system-errors.ts';
import { copyToFile } from './efs-copy.ts';
import type { Staging } from './staging.ts';

/** Suffix of all staged files. */
const PARTIAL = '.partial';

/**
 * Stages under `stagingRoot`, which must be on the landing file system but not below its root. It
 * is never created here: where it is missing, the file system is not mounted.
 */
export function efsStaging(stagingRoot: string): Staging {
  return {
    async stage(body, sizeBytes, signal) {
      const path = join(stagingRoot, `${randomUUID()}${PARTIAL}`);
      // If removal fails, the sweep removes it later; the error that led here must stay visible.
      const discard = (): Promise<void> => unlink(path).catch(() => {});
      try {
        const copied = await copyToFile(body, path, sizeBytes, signal);
        if (copied.sizeBytes !== sizeBytes) {
          const counts = `${copied.sizeBytes} of ${sizeBytes} bytes arrived`;
          throw new IngestError('SOURCE_TRUNCATED', counts);
        }
        return { path, ...copied, [Symbol.asyncDispose]: discard };
      } catch (error) {
        await discard();
        throw toStagingError(error);
      }
    },

    async sweep(before) {
      let count = 0;
      for (const name of await readdir(stagingRoot).catch(() => [])) {
        const path = join(stagingRoot, name);
        const touchedAt = await stat(path).then(
          ({ mtimeMs }) => mtimeMs,
          () => Infinity, // committed or removed meanwhile
        );
        if (!name.endsWith(PARTIAL) || touchedAt >= before) continue;
        await rm(path, { force: true });
        count += 1;
      }
      return count;
    },
  };
}
