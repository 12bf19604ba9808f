import type { Readable } from 'node:stream';

/** A complete copy of one object, private until it is committed. Disposing removes it otherwise. */
interface StagedFile extends AsyncDisposable {
  readonly path: string;
  readonly sizeBytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

/** A private place on the landing file system, so that committing is a rename. */
export interface Staging {
  /**
   * Copies `body` into a partial file of its own; memory does not depend on its size.
   *
   * @throws IngestError `SOURCE_TRUNCATED` when `body` fails or is not `sizeBytes` long,
   *   `LANDING_FULL` or `LANDING_UNAVAILABLE` when it cannot be written; nothing is left behind
   */
  stage(body: Readable, sizeBytes: number, signal: AbortSignal): Promise<StagedFile>;

  /**
   * Removes the files of workers that died. May be repeated.
   *
   * @param before epoch milliseconds; newer ones may belong to a running worker
   * @returns how many were removed
   */
  sweep(before: number): Promise<number>;
}
