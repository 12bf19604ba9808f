/** The file system that applications read. Every call may be repeated. */
export interface Landing {
  /**
   * Publishes a staged file under its final name, replacing what is there. Readers see either the
   * old file or the complete new one.
   *
   * @param landingPath relative, checked to be safe
   * @param modifiedAt epoch milliseconds; becomes the file's modification time
   * @throws IngestError `LANDING_FULL`, `LANDING_UNAVAILABLE` or `KEY_COLLIDES`
   */
  commit(stagedPath: string, landingPath: string, modifiedAt: number): Promise<void>;

  /**
   * Whether the file there is the one that was committed with this `modifiedAt`. A file that was
   * committed may be missing, since applications may remove files.
   *
   * @throws IngestError `LANDING_UNAVAILABLE`
   */
  compare(landingPath: string, modifiedAt: number): Promise<'same' | 'different' | 'missing'>;

  /** Makes a folder and its parents. @throws IngestError as `commit` */
  makeFolder(landingPath: string): Promise<void>;
}
