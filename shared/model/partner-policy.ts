import type { UnscannableReason } from './verdict.ts';

/** Which files a partner may send, and what becomes of those that could not be scanned as a whole. */
export type PartnerPolicy = {
  /** By reason; `hold` when absent. */
  readonly unscannable: Readonly<Partial<Record<UnscannableReason, 'hold' | 'deliver'>>>;
  /** No limit when absent. */
  readonly maxSizeBytes?: number;
  /** Endings in lower case with their dot. When present, only these are admitted. */
  readonly allowedExtensions?: readonly string[];
  /** Endings in lower case with their dot. */
  readonly refusedExtensions?: readonly string[];
};

/** For uploads of unknown origin, and where a partner's policy cannot be read. */
export const SAFE_POLICY: PartnerPolicy = { unscannable: {} };
