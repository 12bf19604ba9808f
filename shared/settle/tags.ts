import { createHash } from 'node:crypto';
import type { PinnedObject, Tags } from '../model/arrival.ts';
import { IngestError } from '../platform/errors.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html */
const MAX_TAGS = 10;
const MAX_VALUE_CHARACTERS = 256;

/** The tag that says what an object was found to be. */
const STATUS = 'scan-status';

/**
 * The tag that makes it a ledger entry: which upload was dealt with. A copy takes the tags along
 * (a rename over SFTP is a copy), and must not pass for settled under its new key.
 */
const UPLOAD = 'scan-upload';

/** What one upload is known by. */
export type Upload = Pick<PinnedObject, 'bucket' | 'key' | 'versionId' | 'etag'>;

export function isSettled(upload: Upload, tags: Tags): boolean {
  return tags[UPLOAD] === fingerprint(upload);
}

function fingerprint({ bucket, key, versionId, etag }: Upload): string {
  const identity = JSON.stringify([bucket, key, versionId ?? etag]);
  return createHash('sha256').update(identity).digest('hex').slice(0, 32);
}

export type Settlement = {
  /** `none` for a folder: there was nothing to scan. */
  readonly status: 'clean' | 'none';
  readonly engine: string;
  /** Epoch milliseconds. */
  readonly settledAt: number;
};

/**
 * The object's tags with ours added; a sender's tags stay as they are. Where there is not room
 * for all of ours, the ledger entry goes first.
 *
 * @throws IngestError `TAGS_FULL` when there is room for none
 */
export function settledTags(object: PinnedObject, settlement: Settlement): Tags {
  const senders = Object.entries(object.tags).filter(([key]) => !key.startsWith('scan-'));
  if (senders.length >= MAX_TAGS) {
    throw new IngestError('TAGS_FULL', `the object already has ${senders.length} tags`);
  }
  const ours = [
    [UPLOAD, fingerprint(object)],
    [STATUS, settlement.status],
    ['scan-time', new Date(settlement.settledAt).toISOString()],
    ['scan-engine', tagValue(settlement.engine)],
  ];
  return Object.fromEntries([...senders, ...ours].slice(0, MAX_TAGS));
}

function tagValue(text: string): string {
  return text.replaceAll(/[^\p{L}\p{N} +\-=._:/@]/gu, '_').slice(0, MAX_VALUE_CHARACTERS);
}
