import { failure } from '../protocol/status.ts';
import type { Address, StoredFile } from '../storage/objects.ts';
import type { StoredPlace } from '../storage/folders.ts';
import type { WriteCondition } from '../storage/write-condition.ts';

/** What the rest of a session sees of a file that it is uploading. */
export interface UnfinishedUpload {
  /** Where it will be stored. */
  readonly address: Address;
  /** As `stat` reports it: the bytes received so far, and the gap before those that came early. */
  readonly sizeBytes: number;
  /** The file was opened to be continued or replaced in place and nothing has been written: it is still as stored. */
  readonly isAsStored: boolean;
  /** Settles, never rejecting, when a CLOSE under way has ended; undefined before a CLOSE. */
  readonly closing: Promise<void> | undefined;
  /** Whether it begins with the bytes of the stored file, instead of replacing them. */
  readonly continuesStored: boolean;

  /** Answers a request on its attributes. @returns whether it will have that size */
  setSize(sizeBytes: number): boolean;
  /** @param modifiedAt epoch milliseconds */
  setModifiedAt(modifiedAt: number): void;

  /**
   * Does `work`, a rename or removal, before any CLOSE: one that arrives meanwhile waits.
   *
   * @returns false when a CLOSE came first; nothing was done then, and the file is stored or gone
   */
  change(work: () => Promise<void>): Promise<boolean>;
  /**
   * Within `change`: it will be stored there instead.
   *
   * @param stored the file that it continues, if that has been moved there
   */
  moveTo(
    place: StoredPlace,
    condition: WriteCondition | undefined,
    stored: StoredFile | undefined,
  ): void;
  /** Within `change`: nothing will be stored. Its handle stays valid, as that of a removed file does. */
  remove(): Promise<void>;
}

/** The unfinished uploads of a connection: they are files to its requests, and a stopping server waits for them. */
export class OpenUploads {
  readonly #uploads = new Set<UnfinishedUpload>();
  #isDraining = false;
  #onEmpty: (() => void) | undefined;

  /** @throws SftpFailure when no more files may be opened */
  assertOpen(): void {
    if (this.#isDraining) throw failure('the server is stopping; try again later');
  }

  add(upload: UnfinishedUpload): void {
    this.#uploads.add(upload);
  }

  /** Idempotent. */
  delete(upload: UnfinishedUpload): void {
    this.#uploads.delete(upload);
    if (this.#uploads.size === 0) this.#onEmpty?.();
  }

  /**
   * The upload at an address, the one opened last if there are several. Waits for those that are being
   * closed: they are stored, or gone, then.
   */
  async at(address: Address): Promise<UnfinishedUpload | undefined> {
    for (;;) {
      const upload = [...this.#uploads].findLast((each) => isSame(each.address, address));
      if (upload?.closing === undefined) return upload;
      await upload.closing;
    }
  }

  /** The uploads below a folder; waits as `at` does. */
  async below(folder: Address): Promise<readonly UnfinishedUpload[]> {
    for (;;) {
      const uploads = [...this.#uploads].filter(({ address }) => isBelow(address, folder));
      const closing = uploads.find((each) => each.closing !== undefined);
      if (closing === undefined) return uploads;
      await closing.closing;
    }
  }

  /** Refuses new files; resolves when no upload is open. */
  async drained(): Promise<void> {
    this.#isDraining = true;
    if (this.#uploads.size === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#onEmpty = resolve;
    await promise;
  }
}

function isSame(a: Address, b: Address): boolean {
  return a.bucket === b.bucket && a.key === b.key;
}

function isBelow({ bucket, key }: Address, folder: Address): boolean {
  return bucket === folder.bucket && (folder.key === '' || key.startsWith(`${folder.key}/`));
}
