import type { Audit, Log } from './audit/audit.ts';
import type { DownloadStreams } from './download-streams.ts';
import type { FolderNames } from '../storage/folder-names.ts';
import type { InHand } from './open-uploads.ts';
import type { MemoryBudget } from './memory/budget.ts';
import type { Storage } from '../storage/objects.ts';

/**
 * What all channels of one connection share, once its partner is known.
 *
 * Its memory is bounded, whatever the size and the number of files: 5 MiB for a part under way, 1.25 MiB
 * for parts that begin and 2 MiB for writes before their turn (`budget`), 0.75 MiB for downloads (`streams`)
 * and 0.5 MiB of requests being answered: less than 10 MB. What ssh2 lets a client send ahead waits in the
 * kernel; only where several channels share the connection it is another 2 MiB for each.
 */
export type SessionContext = {
  readonly username: string;
  /** Put into the metadata of uploads. */
  readonly serverId: string;
  readonly storage: Storage;
  readonly folderNames: FolderNames;
  readonly budget: MemoryBudget;
  readonly streams: DownloadStreams;
  readonly inHand: InHand;
  readonly audit: Audit;
  /** Carries who and where in every line. */
  readonly log: Log;
};
