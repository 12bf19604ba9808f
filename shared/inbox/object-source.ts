import type { Readable } from 'node:stream';
import type { Arrival, PinnedObject, Tags } from '../model/arrival.ts';

/** One upload, if the inbox still has it. */
export type Opened = AsyncDisposable &
  (
    | { readonly state: 'open'; readonly object: PinnedObject; readonly body: Readable }
    /** Removed from the inbox. Without versioning: deleted, or replaced by another upload. */
    | { readonly state: 'gone' }
  );

/** One entry of a key's history. A deletion hides older uploads but does not remove them. */
export type Change =
  | {
      readonly kind: 'upload';
      /** `arrivedAt` is the time of the upload itself. */
      readonly upload: Arrival;
      /** Its tags as they are now; none when it has been removed since. */
      readonly readTags: () => Promise<Tags>;
    }
  | { readonly kind: 'deletion' };

/** The inbox, as the ingest reads it. Every call may be repeated. */
export interface ObjectSource {
  /**
   * Opens exactly the upload that arrived, whether or not it is still the newest of its key.
   * Disposing closes the connection, whether or not the body was read.
   *
   * @throws IngestError `SOURCE_UNAVAILABLE`
   */
  open(arrival: Arrival, signal: AbortSignal): Promise<Opened>;

  /**
   * What happened to a key, newest first. Entries are read one by one, and their tags on demand:
   * nearly always the first entry decides, by its version alone. Versions that were removed from
   * the inbox are not in it.
   *
   * @throws IngestError `SOURCE_UNAVAILABLE`
   */
  history(bucket: string, key: string, signal: AbortSignal): AsyncIterable<Change>;

  /** Who uploaded it; `undefined` when that is not recorded, or the upload is gone. Never rejects. */
  partnerOf(arrival: Arrival, signal: AbortSignal): Promise<string | undefined>;
}
