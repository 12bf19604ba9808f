import { open } from 'node:fs/promises';

/** Something that can be read anywhere: a file, a part of it, or what was unpacked from it. */
export type Bytes = {
  readonly sizeBytes: number;
  /** As many bytes as there are between `at` and `at + length`, which may lie past the end. */
  read(at: number, length: number): Promise<Buffer>;
};

export async function openBytes(path: string): Promise<Bytes & AsyncDisposable> {
  const file = await open(path, 'r');
  const { size } = await file.stat();
  return {
    sizeBytes: size,
    async read(at, length) {
      const wanted = Math.max(Math.min(length, size - at), 0);
      const buffer = Buffer.allocUnsafe(wanted);
      let count = 0;
      while (count < wanted) {
        const { bytesRead } = await file.read(buffer, count, wanted - count, at + count);
        if (bytesRead === 0) throw new Error('the file became shorter while it was inspected');
        count += bytesRead;
      }
      return buffer;
    },
    [Symbol.asyncDispose]: () => file.close(),
  };
}

export function inMemory(buffer: Buffer): Bytes {
  return {
    sizeBytes: buffer.length,
    read: async (at, length) => buffer.subarray(at, Math.max(at + length, at)),
  };
}

/** A part of it, as if it were a file of its own. */
export function part(whole: Bytes, start: number, sizeBytes: number): Bytes {
  return {
    sizeBytes,
    read: (at, length) => whole.read(start + at, Math.max(Math.min(length, sizeBytes - at), 0)),
  };
}

const CHUNK_BYTES = 256 * 1024;

/** The bytes from `start` to `end` in pieces; each begins with the last `overlap` of the one before. */
export async function* pieces(
  bytes: Bytes,
  start: number,
  end: number,
  overlap = 0,
): AsyncGenerator<{ readonly at: number; readonly piece: Buffer }> {
  for (let at = start; at < end; at += CHUNK_BYTES) {
    yield { at, piece: await bytes.read(at, Math.min(CHUNK_BYTES + overlap, end - at)) };
  }
}
