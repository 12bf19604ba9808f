import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { BlobReader } from './blob-reader.ts';
import { BlobWriter } from './blob-writer.ts';
import type { Extent } from './contents.ts';

/**
 * Bodies as files with random names, so that no key can lead out of the directory.
 *
 * A blob is flushed before metadata refers to it, and removed after no metadata refers to it any more. A crash in between
 * leaves an unreferenced file, which the next start removes.
 */
export class BlobStore {
  readonly #directory: string;
  readonly #directoryHandle: FileHandle;
  /** How many readers are open on each blob. */
  readonly #pins = new Map<string, number>();
  /** Blobs to be removed once their readers are done. */
  readonly #garbage = new Set<string>();
  readonly #removals = new Set<Promise<void>>();

  private constructor(directory: string, directoryHandle: FileHandle) {
    this.#directory = directory;
    this.#directoryHandle = directoryHandle;
  }

  static async open(directory: string): Promise<BlobStore> {
    mkdirSync(directory, { recursive: true });
    return new BlobStore(directory, await open(directory, 'r'));
  }

  /** Removes unreferenced files. Call before the first request. */
  async sweep(known: ReadonlySet<string>): Promise<void> {
    for (const name of await readdir(this.#directory)) {
      if (!known.has(name)) await rm(join(this.#directory, name), { force: true });
    }
  }

  create(): BlobWriter {
    const name = randomBytes(16).toString('hex');
    return new BlobWriter(name, join(this.#directory, name), this.#directoryHandle);
  }

  /**
   * Reads extents, even when their objects are deleted meanwhile: the blobs stay until the reader is disposed. Call
   * synchronously after looking up the extents.
   */
  read(extents: readonly Extent[]): BlobReader {
    const names = extents.map(({ blob }) => blob);
    for (const name of names) this.#pins.set(name, (this.#pins.get(name) ?? 0) + 1);
    return new BlobReader(this.#directory, extents, () => this.#unpin(names));
  }

  /** Removes blobs now, or when their last reader is done. Failures are left to the next sweep. */
  remove(names: readonly string[]): void {
    for (const name of names) {
      if (this.#pins.has(name)) this.#garbage.add(name);
      else this.#unlink(name);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#removals);
    await this.#directoryHandle.close();
  }

  #unpin(names: readonly string[]): void {
    for (const name of names) {
      const left = (this.#pins.get(name) ?? 1) - 1;
      if (left > 0) {
        this.#pins.set(name, left);
        continue;
      }
      this.#pins.delete(name);
      if (this.#garbage.delete(name)) this.#unlink(name);
    }
  }

  #unlink(name: string): void {
    const removal = rm(join(this.#directory, name), { force: true })
      .catch(() => {})
      .finally(() => this.#removals.delete(removal));
    this.#removals.add(removal);
  }
}
