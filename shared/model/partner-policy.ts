import type { UnscannableReason } from './verdict.ts';

/** What may come in from a partner, and what becomes of files that could not be looked at as a whole. */
export type PartnerPolicy = {
  /** By reason; `hold` where nothing is said. */
  readonly unscannable: Readonly<Partial<Record<UnscannableReason, 'hold' | 'deliver'>>>;
  /** No limit when absent. */
  readonly maxSizeBytes?: number;
  /** Endings in lower case with their dot. When present, only these come in. */
  readonly allowedExtensions?: readonly string[];
  /** Endings in lower case with their dot. */
  readonly refusedExtensions?: readonly string[];
};

/** For uploads of unknown origin, and for when a partner's own policy cannot be read. */
export const SAFE_POLICY: PartnerPolicy = { unscannable: {} };
