import type { PinnedObject } from '../model/arrival.ts';
import type { Settlement, Upload } from './ledger-tags.ts';

/** Writes into the ledger, which is the inbox itself. Every call may be repeated. */
export interface Settler {
  /**
   * Marks a version that stays in the inbox; the sender's own tags stay, too.
   *
   * @throws IngestError `SETTLE_FAILED` or `TAGS_FULL`
   */
  mark(object: PinnedObject, settlement: Settlement, signal: AbortSignal): Promise<void>;

  /**
   * Marks a version whose message is being dead-lettered, so that the sweep leaves it alone. One
   * that is no longer there needs no mark.
   *
   * @throws IngestError `SETTLE_FAILED` or `TAGS_FULL`
   */
  refuse(upload: Upload, signal: AbortSignal): Promise<void>;

  /**
   * Takes exactly this version out of the inbox, once its copy is in quarantine.
   *
   * @throws IngestError `SETTLE_FAILED`
   */
  remove(object: PinnedObject, signal: AbortSignal): Promise<void>;
}
