import type { IngestErrorCode } from './ingest-error.ts';
import type { UnscannableReason } from './verdict.ts';

/** An ending that the object's bytes (or its size) led to. */
export type Ending =
  | {
      readonly kind: 'delivered';
      /** Relative to the landing root, `/` between segments; a folder ends in a slash. */
      readonly landingPath: string;
      readonly sha256: string | undefined;
      /** Why it was not scanned as a whole, where the partner's policy has it delivered nevertheless. */
      readonly unscanned?: string;
      /** What in it that is about. */
      readonly member?: string;
    }
  | {
      readonly kind: 'quarantined';
      readonly signature: string;
      /** What in the file matched, as a path through its containers; absent: the file itself. */
      readonly member?: string;
      readonly sha256: string | undefined;
    }
  | {
      readonly kind: 'held';
      readonly reason: UnscannableReason;
      readonly detail: string;
      /** What in the file could not be scanned; absent: the file itself. */
      readonly member?: string;
      /** `undefined` when the object was not read, being too large. */
      readonly sha256: string | undefined;
    };

/** How one upload ended: always exactly one of these. */
export type Outcome =
  | Ending
  | { readonly kind: 'superseded'; readonly by: 'newer upload' | 'deletion' }
  /** It was settled before, and its ending announced. */
  | { readonly kind: 'duplicate' }
  /** A temporary upload name; the rename to the final name is an upload of its own. */
  | { readonly kind: 'skipped'; readonly reason: string }
  | { readonly kind: 'refused'; readonly code: IngestErrorCode; readonly reason: string };
