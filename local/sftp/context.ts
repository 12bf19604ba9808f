import type { Handles } from './handles.ts';
import type { Storage } from './objects.ts';

export type Log = (line: string, fields: Record<string, unknown>) => void;

/** What the handlers of one SFTP channel work with. */
export type Context = {
  readonly username: string;
  /** Put into the metadata of uploads. */
  readonly serverId: string;
  readonly storage: Storage;
  readonly handles: Handles;
  /** Carries who and where in every line. */
  readonly log: Log;
};
