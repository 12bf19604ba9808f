import type { Finding, Inspection } from '../../model/verdict.ts';
import { IngestError } from '../../model/ingest-error.ts';

/** The limits of one inspection; a file that exceeds one is unscannable. */
export const BUDGET = {
  /** Archives within archives; the engine's limit (MaxRecursion 17 counts the file itself). */
  levels: 16,
  /** Of one archive. ClamAV 1.4 needs 2 s for 10,000 empty zip members, 40 s and more for 50,000. */
  members: 10_000,
  /** Of all archives in one file. */
  allMembers: 50_000,
  /** Of one member; the engine's limit for a file. */
  memberBytes: 2_147_483_645,
  /** Unpacked, over all levels; the engine's MaxScanSize. */
  expandedBytes: 4300 * 2 ** 20,
  /** A bomb unpacks to more than this ... */
  bombBytes: 256 * 2 ** 20,
  /** ... and to more than this many times its size. Logs come to 100, a disk image of zeros to 1000. */
  bombRatio: 250,
} as const;

/** Ends the inspection with this finding. */
export class UnscannableError extends Error {
  readonly inspection: Extract<Inspection, { kind: 'unscannable' }>;

  constructor(reason: Finding['reason'], detail: string, askEngine = true) {
    super(detail);
    this.inspection = { kind: 'unscannable', finding: { reason, detail }, askEngine };
  }
}

/** What is left of the limits during one inspection. */
export class Budget {
  readonly #sizeBytes: number;
  readonly #signal: AbortSignal;
  #members: number = BUDGET.allMembers;
  #expandedBytes = 0;

  constructor(sizeBytes: number, signal: AbortSignal) {
    this.#sizeBytes = sizeBytes;
    this.#signal = signal;
  }

  /** @throws IngestError `DEADLINE_NEAR` */
  checkTime(): void {
    if (!this.#signal.aborted) return;
    throw new IngestError('DEADLINE_NEAR', 'the inspection was stopped before the deadline');
  }

  takeLevel(level: number): void {
    this.checkTime();
    if (level <= BUDGET.levels) return;
    throw new UnscannableError(
      'archive-nesting',
      `archives nested more than ${BUDGET.levels} deep`,
    );
  }

  /** Too many members stall the engine too, so the file is not scanned. */
  takeMembers(count: number): void {
    this.checkTime();
    if (count > BUDGET.members) {
      throw new UnscannableError(
        'archive-size',
        `${count} members; at most ${BUDGET.members} are scanned`,
        false,
      );
    }
    this.#members -= count;
    if (this.#members >= 0) return;
    const most = BUDGET.allMembers;
    throw new UnscannableError(
      'archive-size',
      `more than ${most} members in nested archives`,
      false,
    );
  }

  takeExpanded(bytes: number): void {
    this.checkTime();
    this.#expandedBytes += bytes;
    const times = this.#expandedBytes / Math.max(this.#sizeBytes, 1);
    if (this.#expandedBytes > BUDGET.bombBytes && times > BUDGET.bombRatio) {
      throw new UnscannableError(
        'archive-size',
        `unpacks to more than ${BUDGET.bombRatio} times its size`,
        false,
      );
    }
    if (this.#expandedBytes > BUDGET.expandedBytes) {
      throw new UnscannableError(
        'archive-size',
        `unpacks to more than ${BUDGET.expandedBytes} bytes`,
        false,
      );
    }
  }
}
