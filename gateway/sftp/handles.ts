import type { SessionContext } from '../session/context.ts';
import type { FolderEntry } from '../storage/folders.ts';
import type { OpenDownload, OpenUpload } from '../transfers/transfers.ts';
import { failure } from '../protocol/status.ts';

type OpenListing = {
  readonly kind: 'listing';
  readonly entries: AsyncGenerator<FolderEntry, void>;
};
export type OpenHandle = OpenUpload | OpenDownload | OpenListing;

/** Told to clients through `limits@openssh.com`; what they hold together is bounded elsewhere. */
export const MAX_HANDLE_COUNT = 64;

/** What a partner has open on one channel. Names are never used twice, so a stale one finds nothing. */
export class Handles {
  readonly #open = new Map<string, OpenHandle>();
  #opened = 0;

  /** @throws SftpFailure when too much is open */
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

  /** Like `get`, and the handle is closed from here on. */
  take(name: string): OpenHandle {
    const handle = this.get(name);
    this.#open.delete(name);
    return handle;
  }

  /** Everything that is open; none of it is any more. */
  takeAll(): readonly OpenHandle[] {
    const handles = [...this.#open.values()];
    this.#open.clear();
    return handles;
  }
}

/** What the handlers of one SFTP channel work with. */
export type Context = SessionContext & { readonly handles: Handles };
