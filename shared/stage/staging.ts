import type { Readable } from 'node:stream';

/** A whole copy of one object, private until it is committed. Disposing removes what was not. */
interface StagedFile extends AsyncDisposable {
  readonly path: string;
  readonly sizeBytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

/** A private place on the landing file system, so that committing is a rename. */
export interface Staging {
  /**
   * Copies `body` into a partial file of its own; memory is independent of its size.
   *
   * @throws IngestError `SOURCE_TRUNCATED` when `body` breaks or is not `sizeBytes` long,
   *   `LANDING_FULL` or `LANDING_UNAVAILABLE` when it cannot be written; nothing is left behind
   */
  stage(body: Readable, sizeBytes: number, signal: AbortSignal): Promise<StagedFile>;

  /**
   * Removes what workers left that died. May be repeated.
   *
   * @param before epoch milliseconds; younger ones may belong to a worker that lives
   * @returns how many were removed
   */
  sweep(before: number): Promise<number>;
}
