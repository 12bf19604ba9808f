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
import type { Address, StoredFile } from '../../storage/objects.ts';
import type { StoredUpload, UploadTarget } from '../../storage/target.ts';
import { unchanged, type WriteCondition } from '../../storage/write-condition.ts';

export type UploadOptions = {
  readonly start?: UploadStart;
  /** Every write goes to the end, whatever its offset. */
  readonly appends?: boolean;
};

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
  /** Every write goes to the end, whatever its offset. */
  readonly #appends: boolean;
  readonly #stop = new AbortController();
  #target: UploadTarget;
  #start: UploadStart;
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
  #continuesStored = false;
  /** Size of an existing file that is overwritten without truncation: a shorter new one would keep its end. */
  #overwrittenBytes = 0;
  /** A size that was set before the bytes arrived, and is to be met by them. */
  #promisedBytes: number | undefined;
  /** Where the written bytes end, of which some may have come early. */
  #writtenEnd = 0;

  constructor(
    s3: ObjectStore,
    target: UploadTarget,
    budget: MemoryBudget,
    { start = { from: 'nothing' }, appends = false }: UploadOptions = {},
  ) {
    this.#s3 = s3;
    this.#target = target;
    this.#budget = budget;
    this.#start = start;
    this.#appends = appends;
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

  /** As `stat` reports it. */
  get sizeBytes(): number {
    return Math.max(this.receivedBytes, this.#writtenEnd, this.#promisedBytes ?? 0);
  }

  /** Whether it differs from the existing file, if it was opened with one. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** Whether it begins with the bytes of the existing file. */
  get continuesStored(): boolean {
    return this.#continuesStored;
  }

  /**
   * Handles a client's request to set the size: `scp` overwrites an existing file and truncates it at the
   * end. A size set before the first write, by a client that reserves space, must be met by the writes.
   *
   * @returns false when the file will not have that size; nothing is changed then
   */
  setSize(sizeBytes: number): boolean {
    if (!this.#hasBegun && sizeBytes === 0) this.#startOver();
    if (sizeBytes === this.receivedBytes) {
      this.#overwrittenBytes = 0;
      this.#promisedBytes = undefined;
      return true;
    }
    const isBeforeWrites = !this.#hasBegun || (this.receivedBytes === 0 && !this.#reorder.hasGap);
    if (isBeforeWrites) this.#promisedBytes = sizeBytes;
    return isBeforeWrites;
  }

  /**
   * Stores it under another key. Not possible once S3 has parts of it, which are bound to their key: it is
   * then stored there, if no other file has taken that key, for the caller to move.
   *
   * @returns whether it will be stored under the new key
   */
  retarget(address: Address, condition: WriteCondition | undefined): boolean {
    if (this.#object !== undefined) {
      this.#target = { ...this.#target, condition: { kind: 'absent' } };
      return false;
    }
    this.#target = { ...this.#target, ...address, condition };
    return true;
  }

  /** The file that it continues has been moved, and is this one now. */
  rebase(file: StoredFile): void {
    if (this.#start.from === 'object') this.#start = { from: 'object', file };
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
      if (!this.#hasBegun) await this.#beginAt(this.#appends ? this.receivedBytes : offset);
      const at = this.#appends ? this.receivedBytes : offset;
      const pieces = this.#reorder.accept(at, data);
      this.#writtenEnd = Math.max(this.#writtenEnd, at + data.length);
      for (const piece of pieces) {
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
      if (this.#promisedBytes !== undefined && this.#writtenEnd < this.#promisedBytes) {
        throw failure(
          `the size was set to ${this.#promisedBytes} bytes, but bytes were written only up to ${this.#writtenEnd}`,
        );
      }
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
        this.#part.seal();
        return await putObject(this.#s3, this.#target, this.#part, checksum, signal);
      }
      await this.#sendPart(this.#object);
      await this.#sending;
      this.#assertAlive();
      return await this.#object.complete(checksum, this.#target.condition);
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

  /** Replaces the existing file, whoever has replaced it meanwhile. */
  #startOver(): void {
    this.#hasBegun = true;
    this.#reorder = new ReorderBuffer(this.#budget, 0);
  }

  /** The first write to an existing file replaces it from offset 0, or continues it at its end. */
  async #beginAt(offset: number): Promise<void> {
    const existingBytes = this.receivedBytes;
    if (offset === 0 && !this.#appends) {
      this.#overwrittenBytes = Math.min(existingBytes, this.#promisedBytes ?? existingBytes);
      return this.#startOver();
    }
    if ((this.#promisedBytes ?? existingBytes) < existingBytes) throw failure(CANNOT_SHORTEN);
    this.#hasBegun = true;
    this.#continuesStored = true;
    if (this.#start.from === 'object') {
      this.#target = { ...this.#target, condition: unchanged(this.#start.file) };
    }
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
    part.seal();
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

const CANNOT_SHORTEN = 'a stored file cannot be shortened and then continued; replace it instead';
