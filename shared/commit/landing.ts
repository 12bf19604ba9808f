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

  /**
   * Whether the file there is the one that was committed with this `modifiedAt`. Nothing may lie
   * there although it once did, for applications may take files away.
   *
   * @throws IngestError `LANDING_UNAVAILABLE`
   */
  compare(landingPath: string, modifiedAt: number): Promise<'same' | 'different' | 'missing'>;

  /** Makes a folder and what leads to it. @throws IngestError as `commit` */
  makeFolder(landingPath: string): Promise<void>;
}
