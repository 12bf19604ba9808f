import type { Inspection } from '../model/verdict.ts';

/**
 * Finds parts of a file that the engine reports as OK without having scanned them. Checks structure
 * only, never content.
 */
export interface Inspector {
  /**
   * Inspects one file in place, in bounded memory and time. May be repeated.
   *
   * @returns `undefined` when the engine's OK covers the whole file
   * @throws IngestError `DEADLINE_NEAR` when `signal` fires first; any other error means that the
   *   file could not be read
   */
  inspect(path: string, signal: AbortSignal): Promise<Inspection | undefined>;
}
