/** A file that may land, and what it must still be when it does. */
export type FileToLand = {
  readonly path: string;
  readonly sizeBytes: number;
  /** Lower-case hex; of the bytes that were judged. */
  readonly sha256: string;
};

/** The file system that applications read. Every call may be repeated. */
export interface Landing {
  /**
   * Copies a file to its final place, replacing what is there. Readers see either the old file or the
   * complete new one; when this resolves, the new one survives a loss of power.
   *
   * @param landingPath relative, checked to be safe
   * @param modifiedAt epoch milliseconds; becomes the file's modification time
   * @throws IngestError `LANDING_FULL`, `LANDING_UNAVAILABLE`; `KEY_COLLIDES` when something else is in
   *   its place or on the way to it; `STAGING_UNAVAILABLE` when the file is not what it was any more;
   *   `DEADLINE_NEAR` when `signal` fires before it has landed
   */
  commit(
    file: FileToLand,
    landingPath: string,
    modifiedAt: number,
    signal: AbortSignal,
  ): Promise<void>;

  /**
   * Whether the file there is the one that was committed with this `modifiedAt`. A file that was
   * committed may be missing, since applications may remove files, or the folders that lead to it.
   *
   * @throws IngestError `LANDING_UNAVAILABLE`
   */
  compare(landingPath: string, modifiedAt: number): Promise<'same' | 'different' | 'missing'>;

  /** Makes a folder and its parents. @throws IngestError as `commit` */
  makeFolder(landingPath: string): Promise<void>;

  /**
   * Removes what commits that died had copied so far; nobody could see it.
   *
   * @param before epoch milliseconds; newer copies may belong to a running worker
   * @returns how many were removed
   */
  sweep(before: number): Promise<number>;
}
