import type { Download } from './download/download.ts';
import type { FolderEntry } from './folders.ts';
import { failure } from './status.ts';
import type { Upload } from './upload/upload.ts';

type OpenUpload = { readonly kind: 'upload'; readonly upload: Upload };
type OpenDownload = { readonly kind: 'download'; readonly download: Download };
type OpenListing = {
  readonly kind: 'listing';
  readonly entries: AsyncGenerator<FolderEntry, void>;
};
export type OpenHandle = OpenUpload | OpenDownload | OpenListing;

/** Told to clients through `limits@openssh.com`; each upload may hold a part in memory. */
export const MAX_HANDLE_COUNT = 64;

/** What a partner has open on one channel. Names are never used twice, so a stale one finds nothing. */
export class Handles {
  readonly #open = new Map<string, OpenHandle>();
  #opened = 0;

  /** @throws SftpFailure when too much is open */
  add(handle: OpenHandle): string {
    if (this.#open.size >= MAX_HANDLE_COUNT) throw failure('too many open files');
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

  /** Ends everything that is open; uploads leave nothing behind. Resolves with the uploads given up. */
  async abandon(reason: Error): Promise<readonly Upload[]> {
    const handles = [...this.#open.values()];
    this.#open.clear();
    const uploads: Upload[] = [];
    for (const handle of handles) {
      if (handle.kind === 'upload') uploads.push(handle.upload);
      else if (handle.kind === 'download') handle.download.close();
    }
    await Promise.all(uploads.map((upload) => upload.abort(reason)));
    return uploads;
  }
}
