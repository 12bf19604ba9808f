import type { Container, ListedMember } from './container.ts';

/** What the engine answered, not yet judged. */
export type ScanReply =
  | { readonly kind: 'ok' }
  | { readonly kind: 'found'; readonly signature: string };

/** Our judgement. There is no "unknown": without a verdict nothing lands. */
export type Verdict =
  | { readonly kind: 'clean' }
  | { readonly kind: 'infected'; readonly signature: string; readonly member?: string }
  | {
      readonly kind: 'unscannable';
      readonly reason: UnscannableReason;
      readonly detail: string;
      /** What in the file the verdict is about, as a path through its containers; absent: the file. */
      readonly member?: string;
    };

/**
 * Why a file could not be scanned as a whole:
 * `limit` an engine limit was hit; `oversize` larger than the engine reads at all; `encrypted`;
 * `archive-structure` broken, ambiguous, or with parts that are not read; `archive-method` packed in
 * a way that nothing here can unpack; `archive-nesting` archives in archives beyond the
 * budget; `archive-size` too many members, or too much when unpacked; `unsupported-format` an
 * container that nothing here can open; `heuristic` the engine takes it for suspicious, without a
 * signature; `stale-signatures` nothing was
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
  | 'heuristic'
  | 'stale-signatures';

/** Why a file, or a part of it, could not be scanned. */
export type Finding = {
  readonly reason: UnscannableReason;
  /** For people. */
  readonly detail: string;
  /** What in the file it is about; absent: the file. */
  readonly member?: string;
};

/** Why the engine's OK is not enough for a file. */
export type Inspection =
  | {
      readonly kind: 'unscannable';
      readonly finding: Finding;
      /** `false`: scanning would take minutes, so the engine is not asked at all. */
      readonly askEngine: boolean;
    }
  | {
      /** The engine may pass over what is inside: it must be taken out, and judged by itself. */
      readonly kind: 'open';
      readonly container: Container;
      readonly listed?: readonly ListedMember[];
    };
