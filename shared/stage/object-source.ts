import type { Readable } from 'node:stream';
import type { Arrival, PinnedObject } from '../model/arrival.ts';

/** What the inbox holds under the arrival's key. */
export type Opened = AsyncDisposable &
  (
    | { readonly state: 'open'; readonly object: PinnedObject; readonly body: Readable }
    /** The key now holds another version; that upload has an event of its own. */
    | { readonly state: 'newer' }
    | { readonly state: 'gone' }
  );

/** The inbox, as the ingest reads it. Every call may be repeated. */
export interface ObjectSource {
  /**
   * Opens exactly the bytes the arrival speaks of, or says that they are no longer current.
   * Disposing drops the connection, whether or not the body was read.
   *
   * @throws IngestError `SOURCE_UNAVAILABLE`
   */
  open(arrival: Arrival, signal: AbortSignal): Promise<Opened>;

  /**
   * What a fresh event for this key would say now; `undefined` when nothing is there.
   *
   * @throws IngestError `SOURCE_UNAVAILABLE`
   */
  current(bucket: string, key: string, signal: AbortSignal): Promise<Arrival | undefined>;
}
