import type { Finding } from '../model/verdict.ts';

/**
 * Looks for what the engine answers OK to without having looked: its OK is necessary, not
 * sufficient. It judges structure only, never content.
 */
export interface Inspector {
  /**
   * Inspects one file in place, in bounded memory and time. May be repeated.
   *
   * @returns `undefined` when the engine's answer may be taken at its word
   * @throws IngestError `DEADLINE_NEAR` when `signal` fires first; any other error means that the
   *   file could not be read
   */
  inspect(path: string, signal: AbortSignal): Promise<Finding | undefined>;
}
