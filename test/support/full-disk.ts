import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '../../shared/platform/errors.ts';

const CHUNK_BYTES = 16 * 1024 * 1024;

/** Fills a disk to its last byte. Disposing makes room again. */
export async function fillDisk(directory: string): Promise<AsyncDisposable> {
  const path = join(directory, 'filler');
  await using file = await open(path, 'w');
  // A chunk that does not fit leaves room for smaller ones.
  for (let bytes = CHUNK_BYTES; bytes >= 1;) {
    try {
      const { bytesWritten } = await file.write(Buffer.alloc(bytes));
      if (bytesWritten < bytes) bytes = Math.floor(bytes / 2);
    } catch (error) {
      if (errorCode(error) !== 'ENOSPC') throw error;
      bytes = Math.floor(bytes / 2);
    }
  }
  return { [Symbol.asyncDispose]: () => rm(path) };
}
