import type { PinnedObject } from '../model/arrival.ts';
import type { Settlement, Upload } from './ledger-tags.ts';

/** Writes the ledger, which is the inbox itself. Every call may be repeated. */
export interface Settler {
  /**
   * Marks a version that stays in the inbox; the sender's own tags are kept.
   *
   * @throws IngestError `SETTLE_FAILED` or `TAGS_FULL`
   */
  mark(object: PinnedObject, settlement: Settlement, signal: AbortSignal): Promise<void>;

  /**
   * Marks a version whose message is being dead-lettered, so that the sweep leaves it alone. Does
   * nothing when the version no longer exists.
   *
   * @throws IngestError `SETTLE_FAILED` or `TAGS_FULL`
   */
  refuse(upload: Upload, signal: AbortSignal): Promise<void>;

  /**
   * Removes exactly this version from the inbox, once its copy is in quarantine.
   *
   * @throws IngestError `SETTLE_FAILED`
   */
  remove(object: PinnedObject, signal: AbortSignal): Promise<void>;
}
