import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import { describeError, errorCode, IngestError } from '../platform/errors.ts';
import { toStagingError } from '../platform/file-system-errors.ts';
import { ByteMeter } from './byte-meter.ts';
import type { Staging } from './staging.ts';

/** Larger writes than the 64 KiB that arrive from the network: fewer round trips to NFS. */
const WRITE_BYTES = 1024 * 1024;

/** Stages under `stagingRoot`, which must lie on the landing file system but not below its root. */
export function efsStaging(stagingRoot: string): Staging {
  return {
    async stage(body, sizeBytes, signal) {
      const path = join(stagingRoot, `${randomUUID()}.partial`);
      // What cannot be removed now is left to the sweep; it must not hide what went wrong before.
      const discard = (): Promise<void> => rm(path, { force: true }).catch(() => {});
      try {
        await mkdir(stagingRoot, { recursive: true, mode: 0o700 });
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
    // Errors of the file carry the system call that failed; all others come from the body.
    if (errorCode(error)?.startsWith('E') && error === file.errored) throw error;
    throw new IngestError('SOURCE_TRUNCATED', `the body broke off: ${describeError(error)}`, {
      cause: error,
    });
  }
}
