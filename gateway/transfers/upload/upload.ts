import { garbageCollector } from '../../../shared/platform/collect-garbage.ts';
import type { ObjectStore } from '../../storage/guarded-store.ts';
import type { MemoryBudget } from '../../session/memory/budget.ts';
import { failure } from '../../protocol/status.ts';
import { RunningChecksum } from '../../storage/crc32.ts';
import { MultipartObject } from './multipart-object.ts';
import { partSizeBytes } from '../../storage/part-size.ts';
import { Part } from './part.ts';
import { putObject } from './put-object.ts';
import { ReorderBuffer } from './reorder-buffer.ts';
import { resumeUpload, type UploadStart } from './resume.ts';
import type { StoredUpload, UploadTarget } from '../../storage/target.ts';

/** For all uploads together. Measured: 1 MiB costs time, 8 MiB and more cost time and memory. */
const collectGarbage = garbageCollector(2 * 1024 * 1024);

/**
 * The upload of one file into S3, without touching a disk.
 *
 * Bytes are collected into a part. A file that ends within its first part becomes one PutObject.
 * Otherwise each full part is sent while the next one fills. All memory comes from the connection's
 * budget; when it is used up, `write` waits, and this back-pressure reaches the client's TCP window.
 *
 * Nothing is visible in the bucket before `finish`, and then only if S3's checksum of the whole equals
 * that of the received bytes. Any other ending (a failed write, a failed part, `abort`) aborts the
 * multipart upload: no object, and no parts that would be billed.
 *
 * `write` and `finish` must not be called concurrently; `abort` may be called at any time, repeatedly.
 */
export class Upload {
  readonly #s3: ObjectStore;
  readonly #budget: MemoryBudget;
  readonly #start: UploadStart;
  readonly #stop = new AbortController();
  #target: UploadTarget;
  #reorder: ReorderBuffer;
  #checksum = new RunningChecksum();
  #part: Part;
  #partNumber = 1;
  /** Set once the first part is full and more bytes follow, or an existing object is continued. */
  #object: MultipartObject | undefined;
  /** The part being sent. Never rejects, see #failure. */
  #sending: Promise<void> = Promise.resolve();
  /** Why nothing more can be written. */
  #failure: Error | undefined;
  #aborting: Promise<void> | undefined;
  /** false until the first write tells whether an existing file is replaced or continued. */
  #hasBegun: boolean;
  /** Size of an existing file that is overwritten without truncation: a shorter new one would keep its end. */
  #overwrittenBytes = 0;

  constructor(
    s3: ObjectStore,
    target: UploadTarget,
    budget: MemoryBudget,
    start: UploadStart = { from: 'nothing' },
  ) {
    this.#s3 = s3;
    this.#target = target;
    this.#budget = budget;
    this.#start = start;
    this.#hasBegun = start.from === 'nothing';
    this.#reorder = new ReorderBuffer(budget, start.from === 'nothing' ? 0 : start.file.sizeBytes);
    this.#part = new Part(partSizeBytes(1), budget);
  }

  get target(): UploadTarget {
    return this.#target;
  }

  /** Bytes received in sequence. */
  get receivedBytes(): number {
    return this.#reorder.nextOffset;
  }

  /**
   * Handles a client's request to set the size: `scp` overwrites an existing file and truncates it at the end.
   *
   * @returns false when the file does not have that size; nothing is changed then
   */
  setSize(sizeBytes: number): boolean {
    if (!this.#hasBegun && sizeBytes === 0) this.#startOver();
    if (sizeBytes !== this.receivedBytes) return false;
    this.#overwrittenBytes = 0;
    return true;
  }

  /** Adds metadata, unless the object has been created in S3 already. @returns whether it was added */
  addMetadata(metadata: Readonly<Record<string, string>>): boolean {
    if (this.#object !== undefined) return false;
    this.#target = { ...this.#target, metadata: { ...this.#target.metadata, ...metadata } };
    return true;
  }

  /**
   * Accepts bytes; resolves when more may follow, which is usually before S3 has them.
   *
   * @throws the error that ended this upload: a write out of order, or a failed part
   */
  async write(offset: number, data: Buffer): Promise<void> {
    this.#assertAlive();
    try {
      if (!this.#hasBegun) await this.#beginAt(offset);
      for (const piece of this.#reorder.accept(offset, data)) {
        this.#checksum.update(piece);
        await this.#append(piece);
      }
      collectGarbage(data.length);
    } catch (error) {
      await this.abort(error);
      // Memory may have been granted during the abort.
      this.#part.release();
      throw this.#failure ?? error;
    }
  }

  /** Creates the object. @throws when it was not created; no parts remain then */
  async finish(): Promise<StoredUpload> {
    this.#assertAlive();
    try {
      // An existing file was opened and not written to: it stays as it is.
      if (!this.#hasBegun) return { etag: undefined };
      if (this.receivedBytes < this.#overwrittenBytes) {
        throw failure(
          'files cannot be changed in place: this one would keep the end of an older one',
        );
      }
      if (this.#reorder.hasGap) {
        throw failure(`bytes from ${this.#reorder.nextOffset} are missing; nothing was stored`);
      }
      const { signal } = this.#stop;
      const checksum = this.#checksum.base64;
      if (this.#object === undefined) {
        return await putObject(this.#s3, this.#target, this.#part, checksum, signal);
      }
      await this.#sendPart(this.#object);
      await this.#sending;
      this.#assertAlive();
      return await this.#object.complete(checksum);
    } catch (error) {
      await this.abort(error);
      throw this.#failure ?? error;
    } finally {
      this.#part.release();
    }
  }

  /** Aborts the upload: no object and no parts remain. Never rejects. */
  abort(reason: unknown): Promise<void> {
    this.#failure ??= reason instanceof Error ? reason : new Error('aborted', { cause: reason });
    this.#aborting ??= this.#abort();
    return this.#aborting;
  }

  async #abort(): Promise<void> {
    this.#stop.abort(this.#failure);
    // A part that arrives after the abort would remain in S3.
    await this.#sending;
    await this.#object?.abort();
    this.#part.release();
    this.#reorder.drop();
  }

  #startOver(): void {
    this.#hasBegun = true;
    this.#reorder = new ReorderBuffer(this.#budget, 0);
  }

  /** The first write to an existing file replaces it from offset 0, or continues it at its end. */
  async #beginAt(offset: number): Promise<void> {
    if (offset === 0 && this.receivedBytes > 0) {
      this.#overwrittenBytes = this.receivedBytes;
      return this.#startOver();
    }
    this.#hasBegun = true;
    const { signal } = this.#stop;
    const resumed = await resumeUpload(this.#start, offset, this.#s3, this.#target, signal);
    this.#checksum = new RunningChecksum(resumed.checksum);
    this.#object = resumed.object;
    this.#partNumber = resumed.nextPartNumber;
    for (const bytes of resumed.bytes) {
      if (resumed.object === undefined) this.#checksum.update(bytes);
      await this.#append(bytes);
    }
  }

  async #append(piece: Buffer): Promise<void> {
    let rest = piece;
    while (rest.length > 0) {
      if (this.#part.isFull) {
        this.#object ??= new MultipartObject(this.#s3, this.#target, this.#stop.signal);
        await this.#sendPart(this.#object);
      }
      await this.#part.reserve(this.#stop.signal);
      rest = this.#part.fill(rest);
    }
  }

  /** Waits for the previous part, then starts sending this one without waiting for it. */
  async #sendPart(object: MultipartObject): Promise<void> {
    await this.#sending;
    this.#assertAlive();
    const part = this.#part;
    this.#part = new Part(partSizeBytes(this.#partNumber), this.#budget);
    if (part.sizeBytes === 0) return;
    this.#sending = object
      .sendPart(this.#partNumber++, part)
      .catch((error: unknown) => {
        this.#failure ??= error instanceof Error ? error : new Error('failed', { cause: error });
        // Unblocks a write that waits for this part's memory.
        this.#stop.abort(this.#failure);
      })
      .finally(() => part.release());
  }

  #assertAlive(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }
}
