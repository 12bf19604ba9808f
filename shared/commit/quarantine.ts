import type { PinnedObject } from '../model/arrival.ts';

/** Why an object is kept away; stored beside it. All printable ASCII. */
export type Evidence = {
  readonly verdict: 'infected' | 'unscannable';
  /** The signature that matched, or why nothing could be said. */
  readonly finding: string;
  readonly sha256: string | undefined;
  readonly engine: string;
  /** Epoch milliseconds. */
  readonly scannedAt: number;
};

/** Where infected and unscannable objects wait for a person. */
export interface Quarantine {
  /**
   * Copies the object, under its own key and with the evidence, out of everybody's reach. The
   * inbox keeps its copy until the ending is announced. May be repeated: one copy results.
   *
   * @throws IngestError `QUARANTINE_UNAVAILABLE`
   */
  keep(object: PinnedObject, evidence: Evidence, signal: AbortSignal): Promise<void>;
}
