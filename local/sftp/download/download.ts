import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { Readable } from 'node:stream';
import type { StoredFile } from '../objects.ts';
import { failure } from '../status.ts';
import { ByteWindow } from './byte-window.ts';

/** Clients ask for several pieces at once; a piece this far ahead is reached by reading on. */
const READ_ON_BYTES = 2 * 1024 * 1024;

/**
 * One file on its way from S3 to a partner.
 *
 * Reads are served from one streaming GET that moves forward; what was passed stays for a while, for
 * clients that ask slightly out of order. A jump starts the stream anew at that place. Every GET names
 * the version and ETag found at opening, so that no file is ever put together from two uploads.
 *
 * `read` must be called one after the other.
 */
export class Download {
  readonly file: StoredFile;
  readonly #s3: S3Client;
  readonly #bucket: string;
  readonly #stop = new AbortController();
  #window = new ByteWindow(0);
  #body: Readable | undefined;
  #chunks: AsyncIterator<unknown> | undefined;

  constructor(s3: S3Client, bucket: string, file: StoredFile) {
    this.#s3 = s3;
    this.#bucket = bucket;
    this.file = file;
  }

  /** How many bytes a read would give; 0 at the end of the file. */
  available(offset: number, lengthBytes: number): number {
    return Math.max(0, Math.min(lengthBytes, this.file.sizeBytes - offset));
  }

  /** Fills `target` with the bytes from `offset` on; all of them must lie within the file. */
  async read(offset: number, target: Buffer): Promise<void> {
    const end = offset + target.length;
    const isWithinReach =
      offset >= this.#window.start && offset <= this.#window.end + READ_ON_BYTES;
    if (this.#body === undefined || !isWithinReach) await this.#openAt(offset);
    while (this.#window.end < end) {
      this.#window.append(await this.#nextChunk());
      this.#window.forgetBefore(Math.min(offset, this.#window.end) - READ_ON_BYTES);
    }
    this.#window.copyTo(target, offset);
  }

  close(): void {
    this.#stop.abort();
    this.#dropBody();
  }

  async #openAt(offset: number): Promise<void> {
    this.#dropBody();
    const { key, etag, versionId } = this.file;
    const reply = await this.#s3.send(
      new GetObjectCommand({
        Bucket: this.#bucket,
        Key: key,
        ...(offset === 0 ? {} : { Range: `bytes=${offset}-` }),
        ...(etag === undefined ? {} : { IfMatch: etag }),
        ...(versionId === undefined ? {} : { VersionId: versionId }),
      }),
      { abortSignal: this.#stop.signal },
    );
    if (!(reply.Body instanceof Readable)) throw failure('the storage sent no body');
    this.#body = reply.Body;
    // A body that is dropped in the middle reports it; nobody is listening any more.
    this.#body.on('error', () => {});
    this.#chunks = this.#body[Symbol.asyncIterator]();
    this.#window = new ByteWindow(offset);
  }

  async #nextChunk(): Promise<Buffer> {
    try {
      const next = await this.#chunks?.next();
      if (next?.done === false && Buffer.isBuffer(next.value)) return next.value;
    } catch (error) {
      this.#dropBody();
      throw error;
    }
    this.#dropBody();
    throw failure('the storage ended the file early');
  }

  #dropBody(): void {
    this.#body?.destroy();
    this.#body = undefined;
    this.#chunks = undefined;
  }
}
