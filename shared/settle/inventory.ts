import type { Arrival } from '../model/arrival.ts';

export type Search = { readonly arrivedBefore: number; readonly includeRefused: boolean };

/** What the inbox holds that has not been settled. */
export interface Inventory {
  /**
   * Every upload without a settling tag, in the order of the keys; also those that a newer upload
   * or a deletion hides, for they have an ending coming, too. Reads page by page, so memory does
   * not depend on the size of the bucket.
   *
   * @param search.arrivedBefore epoch milliseconds; younger ones are still on their way
   * @param search.includeRefused whether to name those that lie in the dead-letter queue, too
   */
  unsettled(bucket: string, search: Search, signal: AbortSignal): AsyncIterable<Arrival>;
}
