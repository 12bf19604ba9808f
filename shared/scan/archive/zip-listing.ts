import { Readable } from 'node:stream';
import { callbackify } from 'node:util';
import yauzl, { type Entry, type LocalFileHeader, type ZipFile } from 'yauzl';
import { describeError } from '../../platform/errors.ts';
import { UnscannableError } from './budget.ts';
import { type Bytes, pieces } from './bytes.ts';

/** A member as described by the directory and by its local header. */
export type Member = { readonly listed: Entry; readonly local: LocalFileHeader };

/** Adapts `Bytes` for yauzl. */
class Reader extends yauzl.RandomAccessReader {
  readonly #bytes: Bytes;
  /** A read error, as opposed to a broken archive. */
  failure: Error | undefined;

  constructor(bytes: Bytes) {
    super();
    this.#bytes = bytes;
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return Readable.from(chunks(this.#bytes, start, end));
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null) => void,
  ): void {
    const fill = async (): Promise<void> => {
      const bytes = await this.#bytes.read(position, length).catch((error: unknown) => {
        this.failure = error instanceof Error ? error : new Error('unreadable', { cause: error });
        throw this.failure;
      });
      bytes.copy(buffer, offset);
      if (bytes.length < length) throw new Error('it is truncated');
    };
    callbackify(fill)(callback);
  }

  override close(callback: (error: Error | null) => void): void {
    callback(null);
  }
}

async function* chunks(bytes: Bytes, start: number, end: number): AsyncGenerator<Buffer> {
  for await (const { piece } of pieces(bytes, start, end)) yield piece;
}

/**
 * The members in the order of their offsets.
 *
 * @throws UnscannableError when the directory, or a local header, cannot be read
 */
export async function listMembers(archive: Bytes): Promise<readonly Member[]> {
  const reader = new Reader(archive);
  try {
    const options = { lazyEntries: true, autoClose: false, decodeStrings: false } as const;
    const file: ZipFile = await yauzl.fromRandomAccessReaderPromise(
      reader,
      archive.sizeBytes,
      options,
    );
    const listed: Entry[] = [];
    for await (const entry of file.eachEntry()) listed.push(entry);
    listed.sort((a, b) => a.relativeOffsetOfLocalHeader - b.relativeOffsetOfLocalHeader);
    const members: Member[] = [];
    for (const entry of listed) {
      members.push({ listed: entry, local: await file.readLocalFileHeaderPromise(entry) });
    }
    return members;
  } catch (error) {
    if (reader.failure !== undefined) throw reader.failure;
    throw new UnscannableError(
      'archive-structure',
      `a zip that cannot be read: ${describeError(error)}`,
    );
  }
}
