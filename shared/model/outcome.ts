import type { IngestErrorCode } from './ingest-error.ts';
import type { UnscannableReason } from './verdict.ts';

/** An ending that a look at the object's bytes (or its size) led to. */
export type Ending =
  | {
      readonly kind: 'delivered';
      /** Relative to the landing root, `/` between segments; a folder ends in a slash. */
      readonly landingPath: string;
      readonly sha256: string | undefined;
      /** Why it was not looked at as a whole, where its partner's policy wants it all the same. */
      readonly unscanned?: string;
    }
  | {
      readonly kind: 'quarantined';
      readonly signature: string;
      readonly sha256: string | undefined;
    }
  | {
      readonly kind: 'held';
      readonly reason: UnscannableReason;
      readonly detail: string;
      /** `undefined` when the object was too large to be read at all. */
      readonly sha256: string | undefined;
    };

/** How one upload ended. Exactly one of these, never silence. */
export type Outcome =
  | Ending
  | { readonly kind: 'superseded'; readonly by: 'newer upload' | 'deletion' }
  /** It had been settled before; its ending was announced then. */
  | { readonly kind: 'duplicate' }
  /** A temporary upload name; the rename to the final name arrives as an upload of its own. */
  | { readonly kind: 'skipped'; readonly reason: string }
  | { readonly kind: 'refused'; readonly code: IngestErrorCode; readonly reason: string };
