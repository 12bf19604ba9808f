import { GetObjectCommand } from '@aws-sdk/client-s3';
import { Readable } from 'node:stream';
import type { ObjectStore } from '../../storage/guarded-store.ts';
import type { StoredFile } from '../../storage/objects.ts';
import { failure } from '../../protocol/status.ts';
import { ByteWindow } from './byte-window.ts';
import type { DownloadStreams } from '../../session/download-streams.ts';

/** Clients request several ranges at once; one at most this far ahead is reached by reading on. */
const READ_ON_BYTES = 256 * 1024;

/**
 * The download of one file from S3.
 *
 * Reads are served from one streaming GET. The last bytes read stay in memory, for clients that read
 * slightly out of order; a jump opens a new stream at that offset. Every GET names the version and ETag
 * found at opening, so that a download never mixes two uploads.
 *
 * `read` must not be called concurrently.
 */
export class Download {
  readonly file: StoredFile;
  readonly #s3: ObjectStore;
  readonly #streams: DownloadStreams;
  readonly #stop = new AbortController();
  #window = new ByteWindow(0);
  #body: Readable | undefined;
  #chunks: AsyncIterator<unknown> | undefined;

  #sentBytes = 0;
  #reachedEnd = false;

  constructor(s3: ObjectStore, file: StoredFile, streams: DownloadStreams) {
    this.#s3 = s3;
    this.file = file;
    this.#streams = streams;
    this.#reachedEnd = file.sizeBytes === 0;
  }

  /** Bytes read so far; may exceed the file's size, when some were read again. */
  get sentBytes(): number {
    return this.#sentBytes;
  }

  /** Whether the last byte of the file has been read. */
  get reachedEnd(): boolean {
    return this.#reachedEnd;
  }

  /** How many bytes a read would return; 0 at the end of the file. */
  availableBytes(offset: number, lengthBytes: number): number {
    return Math.max(0, Math.min(lengthBytes, this.file.sizeBytes - offset));
  }

  /** Fills `target` with the bytes from `offset` on; all of them must lie within the file. */
  async read(offset: number, target: Buffer): Promise<void> {
    const end = offset + target.length;
    const isWithinReach =
      offset >= this.#window.start && offset <= this.#window.end + READ_ON_BYTES;
    if (this.#body === undefined || !isWithinReach) await this.#openAt(offset);
    this.#streams.touch(this);
    while (this.#window.end < end) {
      this.#window.append(await this.#nextChunk());
      this.#window.forgetBefore(Math.min(offset, this.#window.end) - READ_ON_BYTES);
    }
    this.#window.copyTo(target, offset);
    this.#sentBytes += target.length;
    this.#reachedEnd ||= end === this.file.sizeBytes;
  }

  close(): void {
    this.#stop.abort();
    this.drop();
  }

  /** Closes the stream and frees its memory; the next read opens another one. */
  drop(): void {
    this.#dropBody();
    this.#window = new ByteWindow(0);
    this.#streams.release(this);
  }

  async #openAt(offset: number): Promise<void> {
    this.drop();
    this.#streams.claim(this);
    const { bucket, key, etag, versionId } = this.file;
    const reply = await this.#s3.send(
      new GetObjectCommand({
        Bucket: bucket,
        Key: key,
        ...(offset === 0 ? {} : { Range: `bytes=${offset}-` }),
        ...(etag === undefined ? {} : { IfMatch: etag }),
        ...(versionId === undefined ? {} : { VersionId: versionId }),
      }),
      { abortSignal: this.#stop.signal },
    );
    if (!(reply.Body instanceof Readable)) throw failure('the storage sent no body');
    this.#body = reply.Body;
    // A body destroyed midway emits an error, which is expected.
    this.#body.on('error', () => {});
    this.#chunks = this.#body[Symbol.asyncIterator]();
    this.#window = new ByteWindow(offset);
  }

  async #nextChunk(): Promise<Buffer> {
    try {
      const next = await this.#chunks?.next();
      if (next?.done === false && Buffer.isBuffer(next.value)) return next.value;
    } catch (error) {
      this.drop();
      throw error;
    }
    this.drop();
    throw failure('the storage ended the file early');
  }

  #dropBody(): void {
    this.#body?.destroy();
    this.#body = undefined;
    this.#chunks = undefined;
  }
}
