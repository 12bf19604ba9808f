import type { Arrival } from '../model/arrival.ts';

export type Search = { readonly arrivedBefore: number; readonly includeRefused: boolean };

/** One upload in the inbox, and what its tags say. */
export type InventoryEntry = {
  readonly arrival: Arrival;
  /**
   * `young`: probably being processed, its tags were not read. `unsettled`: it has no outcome yet;
   * one that was dead-lettered counts only if the search includes it. `delivered`, or `settled`
   * with another outcome. `unreadable`: its tags could not be read.
   */
  readonly state: 'young' | 'unsettled' | 'delivered' | 'settled' | 'unreadable';
  /** Why it is `unreadable`. */
  readonly error?: unknown;
};

/** The uploads in the inbox, and how far each has come. */
export interface Inventory {
  /**
   * Every upload, in the order of the keys and newest first within each; also those that a newer
   * upload or a deletion hides. Reads page by page, so memory does not depend on the size of the
   * bucket. One whose tags cannot be read is `unreadable`, and does not end the survey.
   *
   * @param search.arrivedBefore epoch milliseconds; later ones are `young`
   * @param search.includeRefused whether those that were dead-lettered are unsettled
   */
  survey(bucket: string, search: Search, signal: AbortSignal): AsyncIterable<InventoryEntry>;
}
