/** What the engine answered, not yet judged. */
export type ScanReply =
  | { readonly kind: 'ok' }
  | { readonly kind: 'found'; readonly signature: string };

/** Our judgement. There is no "unknown": without a verdict nothing lands. */
export type Verdict =
  | { readonly kind: 'clean' }
  | { readonly kind: 'infected'; readonly signature: string }
  | {
      readonly kind: 'unscannable';
      readonly reason: UnscannableReason;
      readonly detail: string;
    };

/**
 * Why a file could not be scanned as a whole:
 * `limit` an engine limit was hit; `oversize` larger than the engine reads at all; `encrypted`;
 * `archive-structure` broken, ambiguous, or with parts the engine does not see; `archive-method`
 * packed in a way that cannot be inspected; `archive-nesting` archives in archives beyond the
 * budget; `archive-size` too many members, or too much when unpacked; `unsupported-format` an
 * archive whose content the engine does not read, or not reliably; `stale-signatures` nothing was
 * found, but the signatures are too old to rely on.
 */
export type UnscannableReason =
  | 'limit'
  | 'oversize'
  | 'encrypted'
  | 'archive-structure'
  | 'archive-method'
  | 'archive-nesting'
  | 'archive-size'
  | 'unsupported-format'
  | 'stale-signatures';

/** Why the engine's OK is not enough for a file. */
export type Finding = {
  readonly reason: Exclude<UnscannableReason, 'limit' | 'oversize' | 'stale-signatures'>;
  /** For people. */
  readonly detail: string;
  /** `false`: scanning would take minutes, so the engine is not asked at all. */
  readonly askEngine: boolean;
};
