import type { SessionContext } from '../session/context.ts';
import type { FolderEntry } from '../storage/folders.ts';
import type { OpenUpload } from '../transfers/open-upload.ts';
import type { OpenDownload } from '../transfers/transfers.ts';
import { failure } from '../protocol/status.ts';

type OpenListing = {
  readonly kind: 'listing';
  readonly entries: AsyncGenerator<FolderEntry, void>;
};
export type OpenHandle = OpenUpload | OpenDownload | OpenListing;

/** Reported through `limits@openssh.com`. Their memory is bounded by MemoryBudget and DownloadStreams. */
export const MAX_HANDLE_COUNT = 64;

/** The open handles of one channel. Names are never reused, so a stale name is an error. */
export class Handles {
  readonly #open = new Map<string, OpenHandle>();
  #opened = 0;

  /** @throws SftpFailure when too many handles are open */
  assertRoom(): void {
    if (this.#open.size >= MAX_HANDLE_COUNT) throw failure('too many open files');
  }

  add(handle: OpenHandle): string {
    const name = String(++this.#opened);
    this.#open.set(name, handle);
    return name;
  }

  /** @throws SftpFailure for a handle that is not open */
  get(name: string): OpenHandle {
    const handle = this.#open.get(name);
    if (handle === undefined) throw failure('the handle is not open');
    return handle;
  }

  /** Removes the handle. @throws as `get` */
  take(name: string): OpenHandle {
    const handle = this.get(name);
    this.#open.delete(name);
    return handle;
  }

  /** Removes all handles. */
  takeAll(): readonly OpenHandle[] {
    const handles = [...this.#open.values()];
    this.#open.clear();
    return handles;
  }
}

/** What the request handlers of one SFTP channel share. */
export type Context = SessionContext & { readonly handles: Handles };
