import type { ScanReply } from '../model/verdict.ts';
import type { Sample } from './samples.ts';

/** An engine of its own that has loaded the database which is to be tried. Disposing ends it. */
export interface Trial extends AsyncDisposable {
  /** As `Scanner.version` gives it. */
  readonly version: string;
  /** @throws IngestError as `Scanner.scan` */
  scan(sample: Sample, signal: AbortSignal): Promise<ScanReply>;
  /** The most memory the engine has taken so far, in MiB. */
  peakMemoryMb(): Promise<number>;
}

/** @throws Error when the engine does not load the database, with its own last words */
export type StartTrial = (database: string, signal: AbortSignal) => Promise<Trial>;
