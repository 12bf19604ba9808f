import type { DatabaseFile } from './published.ts';

/** The directories in which a database is put together. */
export interface Workshop {
  /** freshclam works here, on what is in force. */
  readonly fresh: string;
  /** What people uploaded. */
  readonly custom: string;
  /**
   * Puts both together; from then on nothing in it changes.
   *
   * @throws Error when a file is named like a database and is none
   */
  assemble(): Promise<{ readonly directory: string; readonly files: readonly DatabaseFile[] }>;
}
