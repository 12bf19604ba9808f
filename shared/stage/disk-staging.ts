import { randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { statfsSync } from 'node:fs';
import { mkdir, open, rm, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { addAbortSignal, type Readable } from 'node:stream';
import { toStagingError } from '../model/file-system-errors.ts';
import { IngestError } from '../model/ingest-error.ts';
import { inPieces, writeHashed, type Written } from '../platform/disk-copy.ts';
import { describeError } from '../platform/errors.ts';
import type { Staging } from './staging.ts';

/**
 * What staging leaves free for clamd, which unpacks on the same disk and is killed when 512 MB are
 * left (shared/engine/clamd-disk-space.ts): twice that, but no more than an eighth of a small disk.
 */
const KEPT_FREE_BYTES = 1024 ** 3;
const KEPT_FREE_SHARE = 1 / 8;

/**
 * Stages in a directory on the function's own disk.
 *
 * @param root used by this process alone: whatever lies there when the first file comes was left by a
 *   process that died, and is removed. Made when missing.
 */
export function diskStaging(root: string): Staging {
  const space = new DiskSpace(root);
  let emptied: Promise<void> | undefined;

  async function prepare(): Promise<void> {
    emptied ??= rm(root, { recursive: true, force: true });
    try {
      await emptied;
    } catch (error) {
      emptied = undefined;
      throw error;
    }
    await mkdir(root, { recursive: true, mode: 0o700 });
  }

  return {
    async stage(body, sizeBytes, signal) {
      await using undo = new AsyncDisposableStack();
      try {
        await prepare();
        const claim = undo.use(await space.claim(sizeBytes, signal));
        const path = join(root, randomUUID());
        // If removal fails, the next start removes it; the error that led here must stay visible.
        undo.defer(() => unlink(path).catch(() => {}));
        const copied = await copyToNewFile(body, path, sizeBytes, signal);
        if (copied.sizeBytes !== sizeBytes) {
          const counts = `${copied.sizeBytes} of ${sizeBytes} bytes arrived`;
          throw new IngestError('SOURCE_TRUNCATED', counts);
        }
        claim.isWritten();
        const owned = undo.move();
        return { path, ...copied, [Symbol.asyncDispose]: () => owned.disposeAsync() };
      } catch (error) {
        throw toStagingError(error);
      }
    },

    async capacityBytes() {
      try {
        await prepare();
        return space.look().capacityBytes;
      } catch (error) {
        throw toStagingError(error);
      }
    },
  };
}

/** Divides the free space of a disk among the files that are staged at the same time. */
class DiskSpace {
  readonly #root: string;
  readonly #released = new EventEmitter().setMaxListeners(0);
  #stagedCount = 0;
  /** For files that are still being written. Those that are complete show as used space. */
  #promisedBytes = 0;

  constructor(root: string) {
    this.#root = root;
  }

  /** Synchronous, so that nothing is written or promised between the look and what is made of it. */
  look(): { readonly capacityBytes: number; readonly freeBytes: number } {
    const { blocks, bavail, bsize } = statfsSync(this.#root);
    const keptBytes = Math.min(KEPT_FREE_BYTES, Math.floor(blocks * bsize * KEPT_FREE_SHARE));
    return {
      capacityBytes: blocks * bsize - keptBytes,
      freeBytes: bavail * bsize - keptBytes - this.#promisedBytes,
    };
  }

  /**
   * Waits for the space of one file; disposed when the file is removed.
   *
   * @throws IngestError `STAGING_FULL`, `DEADLINE_NEAR`
   */
  async claim(
    bytes: number,
    signal: AbortSignal,
  ): Promise<AsyncDisposable & { isWritten(): void }> {
    for (;;) {
      const { freeBytes } = this.look();
      if (bytes <= freeBytes) break;
      if (this.#stagedCount === 0) {
        const free = `${Math.max(freeBytes, 0)} bytes are free for staging`;
        throw new IngestError('STAGING_FULL', `${bytes} bytes do not fit: ${free}`);
      }
      await once(this.#released, 'released', { signal }).catch(() => {
        throw stagingStopped();
      });
    }
    let promisedBytes = bytes;
    this.#promisedBytes += bytes;
    this.#stagedCount += 1;
    const isWritten = (): void => {
      this.#promisedBytes -= promisedBytes;
      promisedBytes = 0;
    };
    return {
      isWritten,
      [Symbol.asyncDispose]: async () => {
        isWritten();
        this.#stagedCount -= 1;
        this.#released.emit('released');
      },
    };
  }
}

async function copyToNewFile(
  body: Readable,
  path: string,
  expectedBytes: number,
  signal: AbortSignal,
): Promise<Written> {
  await using file = await open(path, 'wx', 0o600);
  return await writeHashed(inPieces(chunksOf(body, signal), expectedBytes), file);
}

/** @throws IngestError when the stream fails */
async function* chunksOf(body: Readable, signal: AbortSignal): AsyncGenerator<Buffer> {
  try {
    yield* addAbortSignal(signal, body);
  } catch (error) {
    if (signal.aborted) throw stagingStopped();
    throw new IngestError('SOURCE_TRUNCATED', `the body broke off: ${describeError(error)}`, {
      cause: error,
    });
  }
}

function stagingStopped(): IngestError {
  return new IngestError('DEADLINE_NEAR', 'staging was stopped before the deadline');
}
