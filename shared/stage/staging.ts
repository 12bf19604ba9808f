import type { Readable } from 'node:stream';

/** A complete copy of one object, private. Disposing removes it. */
interface StagedFile extends AsyncDisposable {
  readonly path: string;
  readonly sizeBytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

/** The place where objects are hashed, scanned and opened, which nobody else reads. */
export interface Staging {
  /**
   * Copies `body` into a file of its own; memory does not depend on its size. Waits while there is no
   * room for it beside the files that are staged now.
   *
   * @throws IngestError `SOURCE_TRUNCATED` when `body` fails or is not `sizeBytes` long;
   *   `STAGING_FULL` when there is no room although nothing else is staged, `STAGING_UNAVAILABLE` when
   *   the disk fails otherwise; `DEADLINE_NEAR` when `signal` fires first. Nothing is left behind.
   */
  stage(body: Readable, sizeBytes: number, signal: AbortSignal): Promise<StagedFile>;

  /**
   * The size that no staged file can exceed, whatever else is removed.
   *
   * @throws IngestError `STAGING_UNAVAILABLE`
   */
  capacityBytes(): Promise<number>;
}
