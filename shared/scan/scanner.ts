import type { ScanReply } from '../model/verdict.ts';

/** The engine. Without a reply the call throws. */
export interface Scanner {
  /**
   * Scans one file in place. May be repeated.
   *
   * @param path absolute; the engine must be able to read it
   * @throws IngestError `SCANNER_UNAVAILABLE` for anything but a complete, exact reply,
   *   `DEADLINE_NEAR` when `signal` fires first
   */
  scan(path: string, signal: AbortSignal): Promise<ScanReply>;

  /**
   * Engine and signatures in one line, as clamd replies to VERSION
   * (`ClamAV 1.4.3/27500/Sat Nov 21 08:00:00 2026`).
   *
   * @throws IngestError as `scan`
   */
  version(signal: AbortSignal): Promise<string>;
}
