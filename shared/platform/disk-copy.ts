import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { garbageCollector } from './collect-garbage.ts';

/** Larger than the 64 KiB that arrive from the network: fewer round trips to NFS. */
const PIECE_BYTES = 1024 * 1024;

/** Counts all copies together: a file of one piece leaves as much behind as a piece of a large one. */
const collectGarbage = garbageCollector(4 * PIECE_BYTES);

/** What was written. `sha256` is lower-case hex. */
export type Written = { readonly sizeBytes: number; readonly sha256: string };

/**
 * Writes pieces to a file, from its beginning, and hashes them on the way. While one piece is written
 * the next is read; memory does not depend on the size.
 *
 * @param pieces the piece after next may reuse a piece's memory
 * @throws whatever `pieces` throws; any other error is the file's
 */
export async function writeHashed(
  pieces: AsyncIterable<Buffer>,
  file: FileHandle,
): Promise<Written> {
  const hash = createHash('sha256');
  let writing = Promise.resolve();
  let sizeBytes = 0;
  for await (const piece of pieces) {
    hash.update(piece);
    await writing;
    writing = write(file, piece, sizeBytes);
    writing.catch(() => {}); // awaited with the next piece, or below
    sizeBytes += piece.length;
    collectGarbage(piece.length);
  }
  await writing;
  return { sizeBytes, sha256: hash.digest('hex') };
}

/**
 * The chunks of a stream in pieces of equal size, except the last.
 *
 * @param expectedBytes a hint: for small files no more memory is allocated than that
 */
export async function* inPieces(
  chunks: AsyncIterable<Buffer>,
  expectedBytes: number,
): AsyncGenerator<Buffer> {
  const pieceBytes = pieceBytesFor(expectedBytes);
  let [filling, spare] = [EMPTY, EMPTY];
  let filledBytes = 0;
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length;) {
      if (filling.length === 0) filling = Buffer.allocUnsafeSlow(pieceBytes);
      const taken = chunk.copy(filling, filledBytes, at);
      at += taken;
      filledBytes += taken;
      if (filledBytes < pieceBytes) continue;
      yield filling;
      [filling, spare] = [spare, filling];
      filledBytes = 0;
    }
  }
  if (filledBytes > 0) yield filling.subarray(0, filledBytes);
}

/** The first `sizeBytes` bytes of a file in pieces; fewer, if it is shorter. */
export async function* readPieces(path: string, sizeBytes: number): AsyncGenerator<Buffer> {
  await using file = await open(path, 'r');
  const pieceBytes = pieceBytesFor(sizeBytes);
  let [filling, spare] = [EMPTY, EMPTY];
  for (let at = 0; at < sizeBytes;) {
    if (filling.length === 0) filling = Buffer.allocUnsafeSlow(pieceBytes);
    const { bytesRead } = await file.read(filling, 0, Math.min(pieceBytes, sizeBytes - at), at);
    if (bytesRead === 0) return;
    yield filling.subarray(0, bytesRead);
    [filling, spare] = [spare, filling];
    at += bytesRead;
  }
}

const EMPTY = Buffer.alloc(0);

function pieceBytesFor(expectedBytes: number): number {
  return Math.min(Math.max(expectedBytes, 1), PIECE_BYTES);
}

async function write(file: FileHandle, piece: Buffer, at: number): Promise<void> {
  for (let done = 0; done < piece.length;) {
    const { bytesWritten } = await file.write(piece, done, piece.length - done, at + done);
    done += bytesWritten;
  }
}
