/** Fetches newer signatures. */
export interface Updater {
  /**
   * Updates the database in a directory, fetching only what is newer. May be repeated.
   *
   * @throws Error when anything could not be fetched or is broken; the directory may be partly updated
   */
  update(directory: string, signal: AbortSignal): Promise<void>;
}
