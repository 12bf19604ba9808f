import type { PinnedObject } from '../model/arrival.ts';
import { versionOf } from '../model/upload-id.ts';
import type { Evidence } from './quarantine.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html */
const MAX_METADATA_BYTES = 2048;

type Metadata = Readonly<Record<string, string>>;

/** Begins the names of all entries that are ours. */
const OURS = 'airlock-';
/** The metadata entries of a copy in quarantine. */
const ENTRY = {
  verdict: 'airlock-verdict',
  finding: 'airlock-finding',
  engine: 'airlock-engine',
  uploadedAt: 'airlock-uploaded-at',
  scannedAt: 'airlock-scanned-at',
  sha256: 'airlock-sha256',
  sourceBucket: 'airlock-source-bucket',
  sourceVersion: 'airlock-source-version',
} as const;

/** User metadata of the copy: the evidence first, then as much of the sender's as S3 allows. */
export function evidenceMetadata(object: PinnedObject, evidence: Evidence): Record<string, string> {
  const entries = [
    [ENTRY.verdict, evidence.verdict],
    [ENTRY.finding, ascii(evidence.finding)],
    [ENTRY.engine, ascii(evidence.engine)],
    [ENTRY.uploadedAt, new Date(object.uploadedAt).toISOString()],
    [ENTRY.scannedAt, new Date(evidence.scannedAt).toISOString()],
    [ENTRY.sha256, evidence.sha256 ?? 'not-read'],
    [ENTRY.sourceBucket, object.bucket],
    [ENTRY.sourceVersion, versionOf(object)],
    ...Object.entries(sendersOwn(object.metadata)),
  ] as const;
  let bytes = 0;
  const fitting = entries.filter(([name, value]) => {
    bytes += name.length + Buffer.byteLength(value);
    return bytes <= MAX_METADATA_BYTES;
  });
  return Object.fromEntries(fitting);
}

/** The evidence as it is read back; `unknown` where an entry is missing. */
export function readEvidence(metadata: Metadata) {
  const read = (name: string): string => metadata[name] ?? 'unknown';
  return {
    verdict: read(ENTRY.verdict),
    finding: read(ENTRY.finding),
    sha256: read(ENTRY.sha256),
    engine: read(ENTRY.engine),
    /** ISO 8601; older versions did not record it. */
    uploadedAt: metadata[ENTRY.uploadedAt],
    /** What the sender gave the file; the SFTP server records there who that was. */
    sendersMetadata: sendersOwn(metadata),
  };
}

/** True when a copy with this metadata was made from this very upload. */
export function isEvidenceOf(object: PinnedObject, metadata: Metadata): boolean {
  return metadata[ENTRY.sourceVersion] === versionOf(object);
}

function sendersOwn(metadata: Metadata): Metadata {
  return Object.fromEntries(Object.entries(metadata).filter(([name]) => !name.startsWith(OURS)));
}

/** Header values are ASCII; a finding is a signature name or our own words. */
function ascii(text: string): string {
  return text.replaceAll(/[^\u0020-\u007e]/g, '?').slice(0, 256);
}
