import type { FileHandle } from 'node:fs/promises';
import { open, rm } from 'node:fs/promises';
import type { Extent } from './contents.ts';

/** Network chunks of 64 KiB are batched into one writev, since many small writes are slow. */
const BATCH_BYTES = 1024 * 1024;

/** A new blob. The file is created with the first batch, and is durable when `finish` returns. */
export class BlobWriter {
  readonly #name: string;
  readonly #path: string;
  readonly #directoryHandle: FileHandle;
  #handle: FileHandle | undefined;
  #batch: Buffer[] = [];
  #batchBytes = 0;
  #writtenBytes = 0;
  /** The batch being written while the next one fills. */
  #writing: Promise<void> | undefined;

  constructor(name: string, path: string, directoryHandle: FileHandle) {
    this.#name = name;
    this.#path = path;
    this.#directoryHandle = directoryHandle;
  }

  /** Keeps the chunk. Returns a promise when the caller should wait, so that at most two batches are in memory. */
  write(chunk: Buffer): Promise<void> | undefined {
    this.#batch.push(chunk);
    this.#batchBytes += chunk.length;
    return this.#batchBytes < BATCH_BYTES ? undefined : this.#startBatch();
  }

  /** Flushes file and directory entry. An empty body has no file and no extent. */
  async finish(): Promise<readonly Extent[]> {
    if (this.#batchBytes > 0) await this.#startBatch();
    await this.#writing;
    if (this.#handle === undefined) return [];
    await this.#handle.datasync();
    await this.#close();
    await this.#directoryHandle.sync();
    return [{ blob: this.#name, start: 0, length: this.#writtenBytes }];
  }

  /** Removes the file. */
  async discard(): Promise<void> {
    await this.#writing?.catch(() => {});
    await this.#close();
    await rm(this.#path, { force: true });
  }

  async #startBatch(): Promise<void> {
    await this.#writing;
    const batch = this.#batch;
    this.#batch = [];
    this.#batchBytes = 0;
    this.#writing = this.#writeBatch(batch);
    this.#writing.catch(() => {}); // awaited by the next call
  }

  async #writeBatch(batch: readonly Buffer[]): Promise<void> {
    this.#handle ??= await open(this.#path, 'wx');
    let rest = batch;
    while (rest.length > 0) {
      const { bytesWritten } = await this.#handle.writev(rest);
      this.#writtenBytes += bytesWritten;
      rest = skip(rest, bytesWritten);
    }
  }

  async #close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close();
  }
}

/** What remains after a short write, as on a nearly full disk. */
function skip(batch: readonly Buffer[], byteCount: number): readonly Buffer[] {
  let skipped = byteCount;
  return batch.flatMap((chunk) => {
    const taken = Math.min(skipped, chunk.length);
    skipped -= taken;
    return taken === chunk.length ? [] : [chunk.subarray(taken)];
  });
}
