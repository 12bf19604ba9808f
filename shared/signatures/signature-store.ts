import type { Manifest, Published } from './published.ts';

/** Where signatures are published. Versions never change; one pointer says which is in force. */
export interface SignatureStore {
  /**
   * The version in force; `undefined` before the first.
   *
   * @throws Error when the pointer's manifest is missing or not the one that was published
   */
  current(signal: AbortSignal): Promise<Published | undefined>;

  /**
   * Fetches a version's files into an existing directory; may be repeated.
   *
   * @throws Error when a file is not, byte by byte, the one that was published
   */
  download(manifest: Manifest, directory: string, signal: AbortSignal): Promise<void>;

  /** Uploads a version without putting it in force. May be repeated. */
  upload(manifest: Manifest, directory: string, signal: AbortSignal): Promise<void>;

  /**
   * Puts an uploaded version in force.
   *
   * @param instead what is in force now
   * @throws Error when something else has been put in force meanwhile; nothing has changed then
   */
  switchTo(
    version: string,
    instead: Published | undefined,
    options: { readonly isPinned: boolean; readonly switchedAt: number },
    signal: AbortSignal,
  ): Promise<void>;

  /** Newest first; an upload that broke off leaves a version that is not complete. */
  versions(
    signal: AbortSignal,
  ): Promise<readonly { readonly version: string; readonly isComplete: boolean }[]>;

  /** Removes a version, or what is left of one that was never completed. */
  remove(version: string, signal: AbortSignal): Promise<void>;
}

/** What people and freshclam keep beside the versions. */
export interface SignatureInputs {
  /**
   * Fetches what people uploaded below `custom/`, under its name with `CUSTOM` before it.
   *
   * @throws Error that names a file which clamd would pass over
   */
  custom(directory: string, signal: AbortSignal): Promise<void>;
  /** freshclam's memory of who it is and when it may ask its mirror again. */
  restoreState(directory: string, signal: AbortSignal): Promise<void>;
  saveState(directory: string, signal: AbortSignal): Promise<void>;
}
