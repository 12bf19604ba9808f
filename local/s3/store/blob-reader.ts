import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Extent } from './contents.ts';

/** Larger than any socket's high-water mark, which the reuse of buffers below depends on. */
const CHUNK_BYTES = 1024 * 1024;

/** Extents as one stream of bytes. Dispose it, read or not; until then its blobs stay on disk. */
export class BlobReader implements Disposable {
  readonly sizeBytes: number;
  readonly #directory: string;
  readonly #extents: readonly Extent[];
  #release: (() => void) | undefined;

  constructor(directory: string, extents: readonly Extent[], release: () => void) {
    this.#directory = directory;
    this.#extents = extents;
    this.#release = release;
    this.sizeBytes = extents.reduce((sum, { length }) => sum + length, 0);
  }

  /**
   * The bytes, in order. A chunk is valid only until the next one is requested. `pipeline` into a writable respects that:
   * a full chunk is above the high-water mark, so it waits for `drain`.
   *
   * @throws when a blob is shorter than its extent, that is, when data was lost
   */
  async *chunks(): AsyncGenerator<Buffer, void, undefined> {
    let buffer: Buffer | undefined;
    for (const extent of this.#extents) {
      await using handle = await open(join(this.#directory, extent.blob), 'r');
      let offset = 0;
      while (offset < extent.length) {
        const wanted = Math.min(CHUNK_BYTES, extent.length - offset);
        const isFull = wanted === CHUNK_BYTES;
        // A small chunk may stay in the socket's queue, so it gets its own buffer.
        const target: Buffer = isFull
          ? (buffer ??= Buffer.allocUnsafeSlow(CHUNK_BYTES))
          : Buffer.allocUnsafeSlow(wanted);
        await readFully(handle, target, extent.start + offset);
        offset += wanted;
        yield target;
      }
    }
  }

  [Symbol.dispose](): void {
    this.#release?.();
    this.#release = undefined;
  }
}

type Handle = Awaited<ReturnType<typeof open>>;

async function readFully(handle: Handle, target: Buffer, position: number): Promise<void> {
  let filled = 0;
  while (filled < target.length) {
    const { bytesRead } = await handle.read(
      target,
      filled,
      target.length - filled,
      position + filled,
    );
    if (bytesRead === 0) throw new Error('a blob is shorter than its metadata says');
    filled += bytesRead;
  }
}
