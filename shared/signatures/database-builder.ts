import type { DatabaseFile } from './published.ts';

/** Builds a database from the files in two directories. */
export interface DatabaseBuilder {
  /** The official database, which freshclam updates in place. */
  readonly fresh: string;
  /** The custom files. */
  readonly custom: string;
  /**
   * Combines both in a directory whose files do not change any more.
   *
   * @throws Error when a file is named like a database container and is not one
   */
  assemble(): Promise<{ readonly directory: string; readonly files: readonly DatabaseFile[] }>;
}
