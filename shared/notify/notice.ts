import { createHash } from 'node:crypto';
import * as v from 'valibot';
import type { Arrival, PinnedObject } from '../model/arrival.ts';
import { readEngineVersion } from '../model/engine-version.ts';
import { DISPOSITION } from '../model/ingest-error.ts';
import type { Outcome } from '../model/outcome.ts';
import { assertNever } from '../platform/assert-never.ts';
import { versionOf } from '../model/upload-id.ts';

/** Names the shape below; a breaking change gets a new number. */
const SCHEMA = 'airlock.notice/1';

const text = (description: string) =>
  v.pipe(v.string(), v.minLength(1), v.description(description));
const instant = (description: string) =>
  v.pipe(v.string(), v.isoTimestamp(), v.description(`${description}. ISO 8601, UTC.`));
const wholeNumber = (description: string) =>
  v.pipe(v.number(), v.integer(), v.minValue(0), v.description(description));
const contentHash = v.pipe(
  v.string(),
  v.regex(/^[0-9a-f]{64}$/),
  v.description('SHA-256 of the content, lower-case hex. Only where the content was read.'),
);

const ObjectPart = v.object({
  bucket: text('The inbox.'),
  key: text('As uploaded, neither encoded nor normalised.'),
  versionId: v.exactOptional(text('Absent in a bucket without versioning.')),
  etag: text("S3's ETag, without quotes."),
  sizeBytes: wholeNumber('Size of the content in bytes.'),
  arrivedAt: instant('When S3 had the object'),
});

const ScannerPart = v.object({
  engine: text('Name and version, `ClamAV 1.4.6`.'),
  signatures: v.exactOptional(text('Version of the official database; absent without one.')),
  signaturesBuiltAt: v.exactOptional(instant('When that database was built')),
});

const StagesPart = v.object({
  waitMs: v.exactOptional(wholeNumber('From upload to the start of this try.')),
  stageMs: v.exactOptional(wholeNumber('Copying to the staging directory, and hashing.')),
  scanMs: v.exactOptional(wholeNumber('Scanning and inspecting.')),
  commitMs: v.exactOptional(wholeNumber('Publishing, or copying to quarantine.')),
});

/** What subscribers receive, by SNS and by EventBridge. docs/notices.md explains it to them. */
export const Notice = v.object({
  schema: v.pipe(v.literal(SCHEMA), v.description('Name and version of this shape.')),
  id: v.pipe(
    v.string(),
    v.regex(/^[0-9a-f]{32}$/),
    v.description(
      'The same on every repetition of the same ending, and of the same refusal: drop what you have seen.',
    ),
  ),
  outcome: v.pipe(
    v.picklist(['delivered', 'quarantined', 'held', 'refused', 'superseded', 'skipped']),
    v.description('How the upload ended.'),
  ),
  at: instant('When it ended'),
  partner: v.exactOptional(
    text(
      'Who uploaded it, where the SFTP server recorded that; the gateway does not for folders. Absent in `refused`.',
    ),
  ),
  object: v.exactOptional(
    v.pipe(
      ObjectPart,
      v.description('Absent only where a refused message named no object: `EVENT_MALFORMED`.'),
    ),
  ),
  landingPath: v.exactOptional(
    text('Where it is, relative to the landing root; a folder ends in a slash. `delivered` only.'),
  ),
  sha256: v.exactOptional(contentHash),
  unscanned: v.exactOptional(
    text(
      "Why it was not looked at as a whole: it was delivered because the partner's policy wants such files all the same. Absent where the file is clean.",
    ),
  ),
  signature: v.exactOptional(text('What matched. `quarantined` only.')),
  member: v.exactOptional(
    text(
      'What in the file the signature or the reason is about: the way to it through its containers, as they name it. Absent where it is about the file itself.',
    ),
  ),
  reason: v.exactOptional(text('In words: why it was held, refused, skipped or superseded.')),
  code: v.exactOptional(text('Stable name of the accident, see docs/failures.md. `refused` only.')),
  scanner: v.exactOptional(
    v.pipe(ScannerPart, v.description('Who gave the verdict; absent where none was needed.')),
  ),
  stages: v.exactOptional(
    v.pipe(StagesPart, v.description('Milliseconds in each stage that was reached.')),
  ),
});
export type Notice = v.InferOutput<typeof Notice>;

/** Every ending is announced at least once; that of a `duplicate` was. */
export type Announced = Exclude<Outcome, { kind: 'duplicate' }>;

export type NoticeFacts = {
  /** `undefined` when the message named no object. */
  readonly arrival: Arrival | undefined;
  /** `undefined` when it was not opened. */
  readonly object?: PinnedObject | undefined;
  /** Takes the object's place in the id when there is none. */
  readonly messageId: string;
  /** As `Scanner.version` returns it. */
  readonly engine?: string | undefined;
  readonly stages?: Notice['stages'] | undefined;
  /** Epoch milliseconds. */
  readonly at: number;
};

/** The notice of an ending; pure, so that repetitions differ in times alone. */
export function noticeOf(outcome: Announced, facts: NoticeFacts): Notice {
  const { arrival, object, messageId, engine, stages, at } = facts;
  return {
    schema: SCHEMA,
    id: noticeId(outcome, arrival, messageId),
    outcome: outcome.kind,
    at: new Date(at).toISOString(),
    ...(object?.partner !== undefined && { partner: object.partner }),
    ...(arrival !== undefined && { object: objectPart(arrival) }),
    ...details(outcome),
    ...(engine !== undefined && { scanner: scannerPart(engine) }),
    ...(stages !== undefined && { stages }),
  };
}

function objectPart(arrival: Arrival): v.InferOutput<typeof ObjectPart> {
  const { bucket, key, versionId, etag, sizeBytes, arrivedAt } = arrival;
  return {
    bucket,
    key,
    ...(versionId !== undefined && { versionId }),
    etag,
    sizeBytes,
    arrivedAt: new Date(arrivedAt).toISOString(),
  };
}

function scannerPart(version: string): v.InferOutput<typeof ScannerPart> {
  const { engine, signatures, builtAt } = readEngineVersion(version);
  return {
    engine,
    ...(signatures !== undefined && { signatures }),
    ...(builtAt !== undefined && { signaturesBuiltAt: new Date(builtAt).toISOString() }),
  };
}

function details(outcome: Announced): Partial<Notice> {
  switch (outcome.kind) {
    case 'delivered':
      return {
        landingPath: outcome.landingPath,
        ...hash(outcome.sha256),
        ...member(outcome),
        ...(outcome.unscanned !== undefined && { unscanned: outcome.unscanned }),
      };
    case 'quarantined':
      return { signature: outcome.signature, ...member(outcome), ...hash(outcome.sha256) };
    case 'held':
      return {
        reason: `${outcome.reason}: ${outcome.detail}`,
        ...member(outcome),
        ...hash(outcome.sha256),
      };
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

function member(outcome: { readonly member?: string }): Partial<Notice> {
  return outcome.member === undefined ? {} : { member: outcome.member };
}

function hash(sha256: string | undefined): Partial<Notice> {
  return sha256 === undefined ? {} : { sha256 };
}

/**
 * What identifies an ending: the upload, how it ended, and for a refusal also why. A redrive that
 * is refused for another reason is news; for the same reason it is a repetition.
 */
function noticeId(outcome: Announced, arrival: Arrival | undefined, messageId: string): string {
  const subject =
    arrival === undefined ? [messageId] : [arrival.bucket, arrival.key, versionOf(arrival)];
  const ending = outcome.kind === 'refused' ? ['refused', ...whyRefused(outcome)] : [outcome.kind];
  return createHash('sha256')
    .update(JSON.stringify([...subject, ...ending]))
    .digest('hex')
    .slice(0, 32);
}

/** The words about an accident (a fault of S3, a deadline) differ from try to try; its code does not. */
function whyRefused({ code, reason }: Extract<Announced, { kind: 'refused' }>): readonly string[] {
  return DISPOSITION[code] === 'retry' ? [code] : [code, reason];
}
