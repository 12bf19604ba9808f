import { freeWhatWasRead } from '../../../shared/platform/collect-garbage.ts';
import type { ObjectStore } from '../../storage/guarded-store.ts';
import type { MemoryBudget } from '../../session/memory/budget.ts';
import { failure } from '../../protocol/status.ts';
import { RunningChecksum } from '../../storage/crc32.ts';
import { MultipartObject } from './multipart-object.ts';
import { partSizeBytes } from '../../storage/part-size.ts';
import { Part } from './part.ts';
import { putObject } from './put-object.ts';
import { Reorder } from './reorder.ts';
import { begin, type Beginning } from './resume.ts';
import type { StoredUpload, UploadTarget } from '../../storage/target.ts';

/** Of all uploads together. Measured: at 1 MiB collecting costs time, from 8 MiB on memory and time. */
const free = freeWhatWasRead(2 * 1024 * 1024);

/**
 * One file on its way from a partner into S3, never touching a disk.
 *
 * Bytes are collected into a part. A file that ends within its first part becomes one PutObject.
 * Otherwise each full part is sent while the next one fills. All of it is paid for from the connection's
 * memory budget; when that is used up, `write` waits, and that is the back-pressure that ends at the
 * partner's TCP window.
 *
 * Nothing is visible in the bucket before `finish`, and then only if S3's checksum of the whole is that
 * of the bytes received. Every other way out (a failed write, a failed part, `abort`) ends in an aborted
 * multipart upload: no object, and no parts left to be paid for.
 *
 * `write` and `finish` must be called one after the other; `abort` at any time, and more than once.
 */
export class Upload {
  readonly #s3: ObjectStore;
  readonly #budget: MemoryBudget;
  readonly #beginning: Beginning;
  readonly #stop = new AbortController();
  #target: UploadTarget;
  #reorder: Reorder;
  #checksum = new RunningChecksum();
  #part: Part;
  #partNumber = 1;
  /** Set once the first part is full and more bytes follow, or an object goes on. */
  #object: MultipartObject | undefined;
  /** The part on its way; never rejects, see #failure. */
  #sending: Promise<void> = Promise.resolve();
  /** Why nothing more can be written. */
  #failure: Error | undefined;
  #aborting: Promise<void> | undefined;
  #hasBegun: boolean;
  /** An older file that is being written over: shorter than that, the new one would keep its end. */
  #olderBytes = 0;

  constructor(
    s3: ObjectStore,
    target: UploadTarget,
    budget: MemoryBudget,
    beginning: Beginning = { from: 'nothing' },
  ) {
    this.#s3 = s3;
    this.#target = target;
    this.#budget = budget;
    this.#beginning = beginning;
    this.#hasBegun = beginning.from === 'nothing';
    this.#reorder = new Reorder(
      budget,
      beginning.from === 'nothing' ? 0 : beginning.file.sizeBytes,
    );
    this.#part = new Part(partSizeBytes(1), budget);
  }

  get target(): UploadTarget {
    return this.#target;
  }

  /** How many bytes of the file there are, in sequence. */
  get receivedBytes(): number {
    return this.#reorder.nextOffset;
  }

  /**
   * What a client says the size is: `scp` writes over an older file and cuts it at the end.
   *
   * @returns false when the file is not that long; nothing has been changed then
   */
  setSize(sizeBytes: number): boolean {
    if (!this.#hasBegun && sizeBytes === 0) this.#writeOver();
    if (sizeBytes !== this.receivedBytes) return false;
    this.#olderBytes = 0;
    return true;
  }

  /** Adds to the metadata, as long as S3 has not been told of it. @returns whether it will be kept */
  describe(metadata: Readonly<Record<string, string>>): boolean {
    if (this.#object !== undefined) return false;
    this.#target = { ...this.#target, metadata: { ...this.#target.metadata, ...metadata } };
    return true;
  }

  /**
   * Takes bytes; resolves when there is room for more, which is mostly before S3 has them.
   *
   * @throws whatever ended this upload: a write out of order, or S3's answer to a part
   */
  async write(offset: number, data: Buffer): Promise<void> {
    this.#assertAlive();
    try {
      if (!this.#hasBegun) await this.#goOn(offset);
      for (const piece of this.#reorder.accept(offset, data)) {
        this.#checksum.update(piece);
        await this.#append(piece);
      }
      free(data.length);
    } catch (error) {
      await this.abort(error);
      // Memory may have been granted while the abort was under way.
      this.#part.release();
      throw this.#failure ?? error;
    }
  }

  /** Creates the object. @throws when it was not created; nothing is left behind then */
  async finish(): Promise<StoredUpload> {
    this.#assertAlive();
    try {
      // Opened to go on from what is there, and then nothing was added: it stays as it is.
      if (!this.#hasBegun) return { etag: undefined };
      if (this.receivedBytes < this.#olderBytes) {
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

  /** Gives up: no object and no parts stay behind. Never rejects. */
  abort(reason: unknown): Promise<void> {
    this.#failure ??= reason instanceof Error ? reason : new Error('given up', { cause: reason });
    this.#aborting ??= this.#abort();
    return this.#aborting;
  }

  async #abort(): Promise<void> {
    this.#stop.abort(this.#failure);
    // A part that arrives after the abort would stay behind.
    await this.#sending;
    await this.#object?.abort();
    this.#part.release();
    this.#reorder.drop();
  }

  #writeOver(): void {
    this.#hasBegun = true;
    this.#reorder = new Reorder(this.#budget, 0);
  }

  /** The first write to an object that is there already: all of it anew, or at its end. */
  async #goOn(offset: number): Promise<void> {
    if (offset === 0 && this.receivedBytes > 0) {
      this.#olderBytes = this.receivedBytes;
      return this.#writeOver();
    }
    this.#hasBegun = true;
    const begun = await begin(this.#beginning, offset, this.#s3, this.#target, this.#stop.signal);
    this.#checksum = new RunningChecksum(begun.checksum);
    this.#object = begun.object;
    this.#partNumber = begun.nextPartNumber;
    for (const bytes of begun.bytes) {
      if (begun.object === undefined) this.#checksum.update(bytes);
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
      await this.#part.room(this.#stop.signal);
      rest = this.#part.fill(rest);
    }
  }

  /** Starts sending the part once the one before has arrived; does not wait for this one. */
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
        // Whoever waits for memory would wait for this part.
        this.#stop.abort(this.#failure);
      })
      .finally(() => part.release());
  }

  #assertAlive(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }
}
