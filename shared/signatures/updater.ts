/** Where newer signatures come from. */
export interface Updater {
  /**
   * Brings the database in a directory up to date, fetching only what is newer than what is there.
   * May be repeated.
   *
   * @throws Error when anything could not be fetched or is broken; the directory may be in part newer
   */
  update(directory: string, signal: AbortSignal): Promise<void>;
}
