import type { Audit, Log } from './audit/audit.ts';
import type { DownloadStreams } from './download-streams.ts';
import type { Namespace } from './namespace.ts';
import type { OpenUploads } from './open-uploads.ts';
import type { MemoryBudget } from './memory/budget.ts';
import type { Storage } from '../storage/objects.ts';

/**
 * What all channels of one connection share after the login.
 *
 * Its memory is bounded, whatever the size and number of files: 5 MiB for the full part being sent, 1.25 MiB
 * for parts that are still small and 2 MiB for writes out of order (`budget`), 0.75 MiB for downloads (`streams`)
 * and 0.5 MiB for requests being answered: less than 10 MB. What ssh2 lets a client send ahead waits in the
 * kernel, except where several channels share the connection: then it adds 2 MiB for each.
 */
export type SessionContext = {
  readonly username: string;
  /** Written into the metadata of uploads. */
  readonly serverId: string;
  readonly storage: Storage;
  readonly namespace: Namespace;
  readonly budget: MemoryBudget;
  readonly streams: DownloadStreams;
  readonly openUploads: OpenUploads;
  readonly audit: Audit;
  /** Adds session, address and username to every line. */
  readonly log: Log;
};
