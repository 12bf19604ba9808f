import type { ScanReply } from '../model/verdict.ts';
import type { Sample } from './samples.ts';

/** A separate engine with the database under test. Disposing stops it. */
export interface Trial extends AsyncDisposable {
  /** As `Scanner.version`. */
  readonly version: string;
  /** @throws IngestError as `Scanner.scan` */
  scan(sample: Sample, signal: AbortSignal): Promise<ScanReply>;
  /** The most memory the engine has taken so far, in MiB. */
  peakMemoryMb(): Promise<number>;
}

/** @throws Error when the engine does not load the database, with its error output */
export type StartTrial = (database: string, signal: AbortSignal) => Promise<Trial>;
