import { type FileHandle, open } from 'node:fs/promises';

/** Random access to a file, a part of it, or something unpacked from it. */
export type Bytes = {
  readonly sizeBytes: number;
  /** Returns fewer bytes when `at + length` is past the end. */
  read(at: number, length: number): Promise<Buffer>;
};

/** Files up to this size are read whole, which saves round trips to NFS. */
const SMALL_BYTES = 64 * 1024;

export async function openBytes(path: string): Promise<Bytes & AsyncDisposable> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const whole = size <= SMALL_BYTES ? inMemory(await read(file, 0, size)) : undefined;
    return {
      sizeBytes: size,
      read: (at, length) =>
        whole?.read(at, length) ?? read(file, at, Math.max(Math.min(length, size - at), 0)),
      [Symbol.asyncDispose]: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function read(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  for (let count = 0; count < length;) {
    const { bytesRead } = await file.read(buffer, count, length - count, at + count);
    if (bytesRead === 0) throw new Error('the file became shorter while it was inspected');
    count += bytesRead;
  }
  return buffer;
}

export function inMemory(buffer: Buffer): Bytes {
  return {
    sizeBytes: buffer.length,
    read: async (at, length) => buffer.subarray(at, Math.max(at + length, at)),
  };
}

/** A part of `whole`, with offsets of its own. */
export function part(whole: Bytes, start: number, sizeBytes: number): Bytes {
  return {
    sizeBytes,
    read: (at, length) => whole.read(start + at, Math.max(Math.min(length, sizeBytes - at), 0)),
  };
}

const CHUNK_BYTES = 256 * 1024;

/** The bytes from `start` to `end` in pieces that overlap by `overlap` bytes. */
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
