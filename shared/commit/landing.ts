/** The file system that applications read. Every call may be repeated. */
export interface Landing {
  /**
   * Publishes a staged file under its final name, replacing what is there. Readers see the old
   * file or every byte of the new one, never anything between.
   *
   * @param landingPath relative, proven safe
   * @param modifiedAt epoch milliseconds; becomes the file's modification time
   * @throws IngestError `LANDING_FULL`, `LANDING_UNAVAILABLE` or `KEY_COLLIDES`
   */
  commit(stagedPath: string, landingPath: string, modifiedAt: number): Promise<void>;

  /** Makes a folder and what leads to it. @throws IngestError as `commit` */
  makeFolder(landingPath: string): Promise<void>;
}
