import type { PinnedObject } from '../model/arrival.ts';
import type { Settlement } from './tags.ts';

/** Writes into the ledger, which is the inbox itself. Every call may be repeated. */
export interface Settler {
  /**
   * Marks a delivered version; the sender's own tags stay.
   *
   * @throws IngestError `SETTLE_FAILED` or `TAGS_FULL`
   */
  mark(object: PinnedObject, settlement: Settlement, signal: AbortSignal): Promise<void>;

  /**
   * Takes exactly this version out of the inbox, once its copy is in quarantine.
   *
   * @throws IngestError `SETTLE_FAILED`
   */
  remove(object: PinnedObject, signal: AbortSignal): Promise<void>;
}
