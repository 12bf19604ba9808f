import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import { describeError, IngestError } from '../platform/errors.ts';
import { toStagingError } from '../platform/file-system-errors.ts';
import { ByteMeter } from './byte-meter.ts';
import type { Staging } from './staging.ts';

/** Larger writes than the 64 KiB that arrive from the network: fewer round trips to NFS. */
const WRITE_BYTES = 1024 * 1024;

const FILE_CALLS: ReadonlySet<unknown> = new Set(['open', 'write', 'close']);

/** Ending of the names we choose. */
const PARTIAL = '.partial';

/**
 * Stages under `stagingRoot`, which must lie on the landing file system but not below its root. It
 * is never created here: where it is missing, so is a mount, and the disk beneath is the wrong one.
 */
export function efsStaging(stagingRoot: string): Staging {
  return {
    async stage(body, sizeBytes, signal) {
      const path = join(stagingRoot, `${randomUUID()}${PARTIAL}`);
      // What cannot be removed now is left to the sweep; it must not hide what went wrong before.
      const discard = (): Promise<void> => rm(path, { force: true }).catch(() => {});
      try {
        const meter = await copy(body, path, signal);
        if (meter.bytes !== sizeBytes) {
          const counts = `${meter.bytes} of ${sizeBytes} bytes arrived`;
          throw new IngestError('SOURCE_TRUNCATED', counts);
        }
        return { path, sizeBytes, sha256: meter.sha256(), [Symbol.asyncDispose]: discard };
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
          () => Infinity, // committed or removed in this moment
        );
        if (!name.endsWith(PARTIAL) || touchedAt >= before) continue;
        await rm(path, { force: true });
        count += 1;
      }
      return count;
    },
  };
}

async function copy(body: Readable, path: string, signal: AbortSignal): Promise<ByteMeter> {
  const meter = new ByteMeter();
  const file = createWriteStream(path, { flags: 'wx', mode: 0o600, highWaterMark: WRITE_BYTES });
  try {
    await pipeline(body, meter, file, { signal });
    return meter;
  } catch (error) {
    await finished(file).catch(() => {});
    if (signal.aborted) throw new IngestError('DEADLINE_NEAR', 'staging was cut off in time');
    if (isOfTheFile(error)) throw error;
    throw new IngestError('SOURCE_TRUNCATED', `the body broke off: ${describeError(error)}`, {
      cause: error,
    });
  }
}

/**
 * A pipeline ends all its streams with the same error. What the file itself failed with names one
 * of these system calls; a body breaks without any, or with the socket's `read`.
 */
function isOfTheFile(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && FILE_CALLS.has(error.syscall);
}
