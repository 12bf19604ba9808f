import type { PinnedObject } from '../model/arrival.ts';

/** Why an object is quarantined; stored as metadata of the copy. All printable ASCII. */
export type Evidence = {
  readonly verdict: 'infected' | 'unscannable';
  /** The signature that matched, or why the object could not be scanned. */
  readonly finding: string;
  readonly sha256: string | undefined;
  readonly engine: string;
  /** Epoch milliseconds. */
  readonly scannedAt: number;
};

/** Holds infected and unscannable objects until a person decides. */
export interface Quarantine {
  /**
   * Copies the object under its own key, with the evidence. The original stays in the inbox until
   * the outcome is announced. May be repeated: one copy results.
   *
   * @throws IngestError `QUARANTINE_UNAVAILABLE`
   */
  keep(object: PinnedObject, evidence: Evidence, signal: AbortSignal): Promise<void>;
}
