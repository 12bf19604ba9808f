import { httpStatusOf } from '../../shared/s3/errors.ts';
import type { SessionContext } from '../session/context.ts';
import type { UnfinishedUpload } from '../session/open-uploads.ts';
import type { Transfer } from '../session/audit/audit.ts';
import { failure } from '../protocol/status.ts';
import type { StoredPlace } from '../storage/folders.ts';
import { deleteObject, findObject, type StoredFile } from '../storage/objects.ts';
import { MODIFIED_AT, type StoredUpload } from '../storage/target.ts';
import { unchanged, type WriteCondition } from '../storage/write-condition.ts';
import { copyFile } from './copy-file.ts';
import type { Upload } from './upload/upload.ts';

/** Where an upload goes whose object in S3 already has another key. */
type Destination = {
  readonly place: StoredPlace;
  readonly condition: WriteCondition | undefined;
};

/** A file that is open for writing, over SFTP or SCP, from its opening to its end. */
export class OpenUpload implements UnfinishedUpload {
  readonly kind = 'upload';
  readonly #context: SessionContext;
  readonly #upload: Upload;
  readonly #startedAt = Date.now();
  /** Rejects when the name turns out to be a folder's. */
  readonly #admitted: Promise<void>;
  #place: StoredPlace;
  /** As the client wrote it. */
  #path: string;
  #destination: Destination | undefined;
  #isRemoved = false;
  /** The last rename or removal. Never rejects. */
  #change: Promise<void> = Promise.resolve();
  #ending: Promise<void> | undefined;

  constructor(
    context: SessionContext,
    upload: Upload,
    path: string,
    place: StoredPlace,
    admitted: Promise<void>,
  ) {
    this.#context = context;
    this.#upload = upload;
    this.#path = path;
    this.#place = place;
    this.#admitted = admitted;
    context.openUploads.add(this);
    context.audit.opened(this.#transfer);
  }

  get address(): StoredPlace {
    return this.#place;
  }

  get sizeBytes(): number {
    return this.#upload.sizeBytes;
  }

  get isAsStored(): boolean {
    return !this.#upload.hasBegun;
  }

  get continuesStored(): boolean {
    return this.#upload.continuesStored;
  }

  get closing(): Promise<void> | undefined {
    return this.#ending?.catch(() => {});
  }

  /** Accepts bytes; see `Upload.write`. The bytes of a removed file are dropped. */
  async write(offset: number, data: Buffer): Promise<void> {
    await this.#admitted;
    if (!this.#isRemoved) await this.#upload.write(offset, data);
  }

  setSize(sizeBytes: number): boolean {
    return this.#isRemoved || this.#upload.setSize(sizeBytes);
  }

  /** Has no effect when the object has been created in S3 already. */
  setModifiedAt(modifiedAt: number): void {
    this.#upload.addMetadata({ [MODIFIED_AT]: String(modifiedAt / 1000) });
  }

  async change(work: () => Promise<void>): Promise<boolean> {
    const before = this.#change;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#change = promise;
    try {
      await before;
      if (this.#ending !== undefined) {
        // The CLOSE waits for this change, and then stores the file under the name that it has now.
        resolve();
        await this.closing;
        return false;
      }
      await work();
      return true;
    } finally {
      resolve();
    }
  }

  moveTo(
    place: StoredPlace,
    condition: WriteCondition | undefined,
    stored: StoredFile | undefined,
  ): void {
    const { bucket, key } = place;
    const next = stored === undefined ? condition : unchanged(stored);
    if (stored !== undefined) this.#upload.rebase(stored);
    this.#path = place.path;
    this.#place = place;
    this.#destination = this.#upload.retarget({ bucket, key }, next)
      ? undefined
      : { place, condition: next };
  }

  async remove(): Promise<void> {
    this.#isRemoved = true;
    this.#context.openUploads.delete(this);
    await this.#upload.abort(new Error('the file was removed'));
  }

  /** Resolves when S3 has the complete, verified object. @throws when nothing was stored under its name */
  complete(): Promise<void> {
    this.#ending ??= this.#complete();
    return this.#ending;
  }

  async #complete(): Promise<void> {
    const { audit, openUploads, namespace } = this.#context;
    try {
      await this.#admitted;
      await this.#change;
      if (this.#isRemoved) return this.#closed('removed');
      const { etag } = await this.#store();
      await namespace.stored(this.#place);
      audit.closed(this.#transfer, { bytes: this.#upload.receivedBytes, result: 'whole', etag });
    } catch (error) {
      await this.#upload.abort(error);
      this.#closed('failed', error);
      throw error;
    } finally {
      openUploads.delete(this);
    }
  }

  /** Aborts the upload; no object and no parts remain. Never rejects. */
  async abandon(reason: Error): Promise<void> {
    await this.#upload.abort(reason);
    if (this.#isRemoved) this.#closed('removed');
    else this.#closed('abandoned', reason);
    this.#context.openUploads.delete(this);
  }

  async #store(): Promise<StoredUpload> {
    try {
      const stored = await this.#upload.finish();
      return this.#destination === undefined ? stored : await this.#move(stored, this.#destination);
    } catch (error) {
      const wasAbsent = (this.#destination ?? this.#upload.target).condition?.kind === 'absent';
      if (httpStatusOf(error) !== 412 || !wasAbsent) throw error;
      throw failure(`${this.#path} exists already; another client has stored it in the meantime`, {
        cause: error,
      });
    }
  }

  /** It was renamed when S3 had parts of it already, which are bound to the key that it had then. */
  async #move({ etag }: StoredUpload, to: Destination): Promise<StoredUpload> {
    const { s3 } = this.#context.storage;
    const file = await findObject(s3, this.#upload.target);
    if (file === undefined || file.etag !== etag) {
      throw failure('the file was replaced before it had its new name; send it again');
    }
    const copied = await copyFile(s3, file, to.place, to.condition);
    await deleteObject(s3, file);
    return { etag: copied };
  }

  get #transfer(): Transfer {
    const { bucket, key } = this.#place;
    const startedAt = this.#startedAt;
    return { direction: 'upload', path: this.#path, bucket, key, startedAt };
  }

  #closed(result: 'removed' | 'abandoned' | 'failed', error?: unknown): void {
    const bytes = this.#upload.receivedBytes;
    this.#context.audit.closed(this.#transfer, { bytes, result, error });
  }
}
