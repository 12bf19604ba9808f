import type { Manifest, Published } from './published.ts';

/** Published signatures. Versions never change; a pointer names the one in force. */
export interface SignatureStore {
  /**
   * The version in force; `undefined` before the first.
   *
   * @throws Error when the manifest is missing or is not the one that was published
   */
  current(signal: AbortSignal): Promise<Published | undefined>;

  /**
   * Downloads a version's files into an existing directory; may be repeated.
   *
   * @throws Error when a file is not the one that was published
   */
  download(manifest: Manifest, directory: string, signal: AbortSignal): Promise<void>;

  /** Uploads a version without putting it in force. May be repeated. */
  upload(manifest: Manifest, directory: string, signal: AbortSignal): Promise<void>;

  /**
   * Puts an uploaded version in force.
   *
   * @param current the version in force now
   * @throws Error when another version was put in force meanwhile; nothing has changed then
   */
  switchTo(
    version: string,
    current: Published | undefined,
    options: { readonly isPinned: boolean; readonly switchedAt: number },
    signal: AbortSignal,
  ): Promise<void>;

  /** Newest first; an interrupted upload leaves an incomplete version. */
  versions(
    signal: AbortSignal,
  ): Promise<readonly { readonly version: string; readonly isComplete: boolean }[]>;

  /** Removes a version, complete or not. */
  remove(version: string, signal: AbortSignal): Promise<void>;
}

/** Custom files and freshclam's state, stored beside the versions. */
export interface SignatureInputs {
  /**
   * Downloads the files below `custom/`, their names prefixed with `CUSTOM`.
   *
   * @throws Error naming a file that clamd would ignore
   */
  downloadCustom(directory: string, signal: AbortSignal): Promise<void>;
  /** freshclam's identity towards its mirror, and when it may ask again. */
  restoreState(directory: string, signal: AbortSignal): Promise<void>;
  saveState(directory: string, signal: AbortSignal): Promise<void>;
}
