import type { S3Client } from '@aws-sdk/client-s3';
import { failure } from '../status.ts';
import { MultipartObject } from './multipart-object.ts';
import { PartBuffer } from './part-buffer.ts';
import { partSizeBytes } from './part-size.ts';
import { putObject } from './put-object.ts';
import { Reorder } from './reorder.ts';
import type { UploadTarget } from './target.ts';

/**
 * One file on its way from a partner into S3, never touching a disk.
 *
 * Bytes are collected into a part. A file that ends within its first part becomes one PutObject.
 * Otherwise each full part is sent, and `write` waits for S3 to have it: this is the back-pressure that
 * ends at the partner's TCP window. One part is in memory, no more; what the partner sends meanwhile is
 * in the channel's window, and that is as good as a second part for keeping the line busy.
 *
 * Nothing is visible in the bucket before `finish`. Every other way out (a failed write, a failed part,
 * `abort`) ends in an aborted multipart upload: no object, and no parts left to be paid for.
 *
 * `write` and `finish` must be called one after the other; `abort` at any time, and more than once.
 */
export class Upload {
  readonly target: UploadTarget;
  readonly #s3: S3Client;
  readonly #reorder = new Reorder();
  readonly #stop = new AbortController();
  #part = new PartBuffer(partSizeBytes(1));
  #partNumber = 1;
  /** Set once the first part is full and more bytes follow. */
  #object: MultipartObject | undefined;
  /** The part on its way, for `abort` to wait for; whoever sent it sees whether it failed. */
  #sending: Promise<void> | undefined;
  /** Why nothing more can be written. */
  #failure: Error | undefined;
  #aborting: Promise<void> | undefined;

  constructor(s3: S3Client, target: UploadTarget) {
    this.#s3 = s3;
    this.target = target;
  }

  /** How many bytes have arrived in sequence. */
  get receivedBytes(): number {
    return this.#reorder.nextOffset;
  }

  /**
   * Takes bytes; resolves when there is room for more, which is mostly before S3 has them.
   *
   * @throws whatever ended this upload: a write out of order, or S3's answer to a part
   */
  async write(offset: number, data: Buffer): Promise<void> {
    this.#assertAlive();
    try {
      for (const piece of this.#reorder.accept(offset, data)) await this.#append(piece);
    } catch (error) {
      await this.abort(error);
      throw error;
    }
  }

  /** Creates the object. @throws when it was not created; nothing is left behind then */
  async finish(): Promise<void> {
    this.#assertAlive();
    try {
      if (this.#reorder.hasGap) {
        throw failure(`bytes from ${this.#reorder.nextOffset} are missing; nothing was stored`);
      }
      if (this.#object === undefined) {
        await putObject(this.#s3, this.target, this.#part.bytes, this.#stop.signal);
      } else {
        await this.#send(this.#object);
        await this.#object.complete();
      }
    } catch (error) {
      await this.abort(error);
      throw error;
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
    await this.#sending?.catch(() => {});
    await this.#object?.abort();
  }

  async #append(piece: Buffer): Promise<void> {
    let rest = piece;
    while (rest.length > 0) {
      if (this.#part.isFull) {
        this.#object ??= new MultipartObject(this.#s3, this.target, this.#stop.signal);
        await this.#send(this.#object);
        this.#part = new PartBuffer(partSizeBytes(this.#partNumber), this.#part.memory);
      }
      rest = this.#part.fill(rest);
    }
  }

  async #send(object: MultipartObject): Promise<void> {
    this.#sending = object.sendPart(this.#partNumber++, this.#part.bytes);
    await this.#sending;
    this.#assertAlive();
  }

  #assertAlive(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }
}
