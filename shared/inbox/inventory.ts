import type { Arrival } from '../model/arrival.ts';

export type Search = { readonly arrivedBefore: number; readonly includeRefused: boolean };

/** One upload that the inbox holds, and what its tags say. */
export type Found = {
  readonly arrival: Arrival;
  /**
   * `young`: still on its way, its tags were not read. `unsettled`: it has an ending coming; what
   * lies in the dead-letter queue has one only if the search includes it. `delivered`, or `settled`
   * in another way.
   */
  readonly state: 'young' | 'unsettled' | 'delivered' | 'settled';
};

/** What the inbox holds, and how far each upload has come. */
export interface Inventory {
  /**
   * Every upload, in the order of the keys and newest first within each; also those that a newer
   * upload or a deletion hides. Reads page by page, so memory does not depend on the size of the
   * bucket.
   *
   * @param search.arrivedBefore epoch milliseconds; younger ones are still on their way
   * @param search.includeRefused whether those that lie in the dead-letter queue are unsettled
   */
  survey(bucket: string, search: Search, signal: AbortSignal): AsyncIterable<Found>;
}
