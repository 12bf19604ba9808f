import type { Arrival } from '../model/arrival.ts';

/** What the inbox holds that has not been settled. */
export interface Inventory {
  /**
   * The newest version of each key without a settling tag, in the order of the keys. Reads page by
   * page, so memory does not depend on the size of the bucket.
   */
  unsettled(bucket: string, signal: AbortSignal): AsyncIterable<Arrival>;
}
