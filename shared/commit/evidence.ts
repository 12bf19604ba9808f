import type { PinnedObject } from '../model/arrival.ts';
import type { Evidence } from './quarantine.ts';
import { versionOf } from '../model/upload-id.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html */
const MAX_METADATA_BYTES = 2048;

/** The metadata entry that ties a copy in quarantine to the version it was made from. */
export const SOURCE_VERSION = 'airlock-source-version';

/** User metadata of the copy: the evidence first, then as much of the sender's as S3 allows. */
export function evidenceMetadata(object: PinnedObject, evidence: Evidence): Record<string, string> {
  const entries = [
    ['airlock-verdict', evidence.verdict],
    ['airlock-finding', ascii(evidence.finding)],
    ['airlock-engine', ascii(evidence.engine)],
    ['airlock-uploaded-at', new Date(object.uploadedAt).toISOString()],
    ['airlock-scanned-at', new Date(evidence.scannedAt).toISOString()],
    ['airlock-sha256', evidence.sha256 ?? 'not-read'],
    ['airlock-source-bucket', object.bucket],
    [SOURCE_VERSION, versionOf(object)],
    ...Object.entries(object.metadata).filter(([name]) => !name.startsWith('airlock-')),
  ] as const;
  let bytes = 0;
  const fitting = entries.filter(([name, value]) => {
    bytes += name.length + Buffer.byteLength(value);
    return bytes <= MAX_METADATA_BYTES;
  });
  return Object.fromEntries(fitting);
}

/** Header values are ASCII; a finding is a signature name or our own words. */
function ascii(text: string): string {
  return text.replaceAll(/[^\u0020-\u007e]/g, '?').slice(0, 256);
}
