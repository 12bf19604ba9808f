import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { addAbortSignal, type Readable } from 'node:stream';
import { IngestError } from '../model/ingest-error.ts';
import { describeError } from '../platform/errors.ts';
import { freeWhatWasRead } from '../platform/collect-garbage.ts';

/** Larger writes than the 64 KiB that arrive from the network: fewer round trips to NFS. */
const WRITE_BYTES = 1024 * 1024;

/** Counts all copies together: a file of one piece leaves as much garbage as a piece of a large one. */
const free = freeWhatWasRead(4 * WRITE_BYTES);

/**
 * Copies a stream into a file that must not exist yet, and hashes it on the way. While one piece is
 * written the next is read; memory does not depend on the size.
 *
 * @param expectedBytes a hint: for small files no more memory is allocated than that
 * @returns how many bytes were received, and their SHA-256 in lower-case hex
 * @throws IngestError `SOURCE_TRUNCATED` when the stream breaks, `DEADLINE_NEAR` when `signal`
 *   fires first; any other error is the file's
 */
export async function copyToFile(
  body: Readable,
  path: string,
  expectedBytes: number,
  signal: AbortSignal,
): Promise<{ readonly sizeBytes: number; readonly sha256: string }> {
  await using file = await open(path, 'wx', 0o600);
  const hash = createHash('sha256');
  let writing = Promise.resolve();
  let sizeBytes = 0;
  for await (const piece of pieces(
    body,
    Math.min(Math.max(expectedBytes, 1), WRITE_BYTES),
    signal,
  )) {
    hash.update(piece);
    await writing;
    writing = write(file, piece, sizeBytes);
    writing.catch(() => {}); // awaited with the next piece, or below
    sizeBytes += piece.length;
    free(piece.length);
  }
  await writing;
  return { sizeBytes, sha256: hash.digest('hex') };
}

/** The stream in pieces of equal size, except the last. The piece after next reuses a piece's buffer. */
async function* pieces(
  body: Readable,
  pieceBytes: number,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  let [filling, spare] = [EMPTY, EMPTY];
  let filledBytes = 0;
  for await (const chunk of chunks(body, signal)) {
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

const EMPTY = Buffer.alloc(0);

/** @throws IngestError when the stream fails */
async function* chunks(body: Readable, signal: AbortSignal): AsyncGenerator<Buffer> {
  try {
    yield* addAbortSignal(signal, body);
  } catch (error) {
    if (signal.aborted)
      throw new IngestError('DEADLINE_NEAR', 'staging was stopped before the deadline');
    throw new IngestError('SOURCE_TRUNCATED', `the body broke off: ${describeError(error)}`, {
      cause: error,
    });
  }
}

async function write(file: FileHandle, piece: Buffer, at: number): Promise<void> {
  for (let done = 0; done < piece.length;) {
    const { bytesWritten } = await file.write(piece, done, piece.length - done, at + done);
    done += bytesWritten;
  }
}
