import type { Readable } from 'node:stream';
import type { Arrival, PinnedObject, Tags } from '../model/arrival.ts';

/** What the inbox still has of one upload. */
export type Opened = AsyncDisposable &
  (
    | { readonly state: 'open'; readonly object: PinnedObject; readonly body: Readable }
    /** Taken out of the inbox. Without versioning: deleted, or another upload took its place. */
    | { readonly state: 'gone' }
  );

/** One entry of a key's history. A deletion hides what is older; nothing is lost by it. */
export type Change =
  | {
      readonly kind: 'upload';
      /** `arrivedAt` is the time of the upload itself. */
      readonly upload: Arrival;
      /** Asks for its tags as they are now; none when it has been taken out since. */
      readonly readTags: () => Promise<Tags>;
    }
  | { readonly kind: 'deletion' };

/** The inbox, as the ingest reads it. Every call may be repeated. */
export interface ObjectSource {
  /**
   * Opens exactly the upload that arrived, whether or not it is still the newest of its key.
   * Disposing drops the connection, whether or not the body was read.
   *
   * @throws IngestError `SOURCE_UNAVAILABLE`
   */
  open(arrival: Arrival, signal: AbortSignal): Promise<Opened>;

  /**
   * What happened to a key, newest first, read one by one as it is asked for, and tags only where
   * they are asked for: nearly always the first entry decides, by its version alone. A version that
   * was taken out of the inbox is not in it.
   *
   * @throws IngestError `SOURCE_UNAVAILABLE`
   */
  history(bucket: string, key: string, signal: AbortSignal): AsyncIterable<Change>;

  /** Who uploaded it; `undefined` when the inbox cannot tell, or not any more. Never rejects. */
  partnerOf(arrival: Arrival, signal: AbortSignal): Promise<string | undefined>;
}
