import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { BlobReader } from './blob-reader.ts';
import { BlobWriter } from './blob-writer.ts';
import type { Extent } from './contents.ts';

/**
 * Bodies as files with random names of their own, so that no key can leave the directory.
 *
 * A blob is written and flushed before metadata names it, and removed after no metadata names it any more. Between the two
 * a crash leaves a file that nothing knows, which the next start sweeps away.
 */
export class BlobStore {
  readonly #directory: string;
  readonly #directoryHandle: FileHandle;
  /** How many readers are open on each blob. */
  readonly #pins = new Map<string, number>();
  /** Garbage that somebody is still reading. */
  readonly #doomed = new Set<string>();
  readonly #removals = new Set<Promise<void>>();

  private constructor(directory: string, directoryHandle: FileHandle) {
    this.#directory = directory;
    this.#directoryHandle = directoryHandle;
  }

  static async open(directory: string): Promise<BlobStore> {
    mkdirSync(directory, { recursive: true });
    return new BlobStore(directory, await open(directory, 'r'));
  }

  /** Removes every file that no metadata names. For the start, before the first request. */
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
   * Reads extents, whatever happens to their objects meanwhile: the blobs stay until the reader is disposed. Call in the
   * same turn in which the extents were looked up.
   */
  read(extents: readonly Extent[]): BlobReader {
    const names = extents.map(({ blob }) => blob);
    for (const name of names) this.#pins.set(name, (this.#pins.get(name) ?? 0) + 1);
    return new BlobReader(this.#directory, extents, () => this.#unpin(names));
  }

  /** Removes garbage: at once, or when its last reader is done. A failure is left to the next sweep. */
  remove(names: readonly string[]): void {
    for (const name of names) {
      if (this.#pins.has(name)) this.#doomed.add(name);
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
      if (this.#doomed.delete(name)) this.#unlink(name);
    }
  }

  #unlink(name: string): void {
    const removal = rm(join(this.#directory, name), { force: true })
      .catch(() => {})
      .finally(() => this.#removals.delete(removal));
    this.#removals.add(removal);
  }
}
