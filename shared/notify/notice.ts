import { createHash } from 'node:crypto';
import type { Arrival, PinnedObject } from '../model/arrival.ts';
import type { Outcome } from '../model/outcome.ts';
import { assertNever } from '../platform/assert-never.ts';
import type { IngestErrorCode } from '../platform/errors.ts';

/** Names the shape below; a change that subscribers could notice gets a new number. */
const SCHEMA = 'airlock.notice/1';

/** `duplicate` is not announced again; every other ending is, at least once. */
type AnnouncedOutcome = Exclude<Outcome['outcome'], 'duplicate'>;

/** What subscribers receive, by SNS and by EventBridge. Times are ISO 8601 in UTC. */
export type Notice = {
  readonly schema: typeof SCHEMA;
  /** The same on every repetition of the same ending: drop what you have seen. */
  readonly id: string;
  readonly outcome: AnnouncedOutcome;
  readonly at: string;
  readonly partner?: string;
  /** Absent only when the message that was refused named no object. */
  readonly object?: {
    readonly bucket: string;
    readonly key: string;
    readonly versionId?: string;
    readonly etag: string;
    readonly sizeBytes: number;
    readonly arrivedAt: string;
  };
  /** Relative to the landing root. `delivered` only. */
  readonly landingPath?: string;
  /** Lower-case hex; where the object was read. */
  readonly sha256?: string;
  /** What matched. `quarantined` only. */
  readonly signature?: string;
  /** In words: why it was held, refused, skipped or superseded. */
  readonly reason?: string;
  /** Stable name of the accident. `refused` only. */
  readonly code?: IngestErrorCode;
  /** Engine and signatures that gave the verdict. */
  readonly engine?: string;
};

export type NoticeFacts = {
  /** `undefined` when the message named no object. */
  readonly arrival: Arrival | undefined;
  /** What was opened, when it came to that. */
  readonly object?: PinnedObject | undefined;
  /** Stands in for the object in the id when there is none. */
  readonly messageId: string;
  readonly engine?: string | undefined;
  /** Epoch milliseconds. */
  readonly at: number;
};

/** Words an ending as a notice; pure, so that a repetition differs in `at` alone. */
export function noticeOf(
  outcome: Exclude<Outcome, { outcome: 'duplicate' }>,
  facts: NoticeFacts,
): Notice {
  const { arrival, object, messageId, engine, at } = facts;
  return {
    schema: SCHEMA,
    id: noticeId(outcome.outcome, arrival, messageId),
    outcome: outcome.outcome,
    at: new Date(at).toISOString(),
    ...(object?.partner !== undefined && { partner: object.partner }),
    ...(arrival !== undefined && {
      object: {
        bucket: arrival.bucket,
        key: arrival.key,
        ...(arrival.versionId !== undefined && { versionId: arrival.versionId }),
        etag: arrival.etag,
        sizeBytes: arrival.sizeBytes,
        arrivedAt: new Date(arrival.arrivedAt).toISOString(),
      },
    }),
    ...details(outcome),
    ...(engine !== undefined && { engine }),
  };
}

function details(outcome: Exclude<Outcome, { outcome: 'duplicate' }>): Partial<Notice> {
  switch (outcome.outcome) {
    case 'delivered':
      return { landingPath: outcome.landingPath, ...hash(outcome.sha256) };
    case 'quarantined':
      return { signature: outcome.signature, ...hash(outcome.sha256) };
    case 'held':
      return { reason: `${outcome.reason}: ${outcome.detail}`, ...hash(outcome.sha256) };
    case 'superseded':
      return { reason: `by a ${outcome.by}` };
    case 'skipped':
      return { reason: outcome.reason };
    case 'refused':
      return { code: outcome.code, reason: outcome.reason };
    default:
      return assertNever(outcome);
  }
}

function hash(sha256: string | undefined): Partial<Notice> {
  return sha256 === undefined ? {} : { sha256 };
}

function noticeId(outcome: string, arrival: Arrival | undefined, messageId: string): string {
  const subject =
    arrival === undefined
      ? [messageId]
      : [arrival.bucket, arrival.key, arrival.versionId ?? arrival.etag];
  return createHash('sha256')
    .update(JSON.stringify([...subject, outcome]))
    .digest('hex')
    .slice(0, 32);
}
