import { createHash } from 'node:crypto';
import type { PinnedObject, Tags } from '../model/arrival.ts';
import { IngestError } from '../model/ingest-error.ts';
import { versionOf } from '../model/upload-id.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html */
const MAX_TAGS = 10;
const MAX_VALUE_CHARACTERS = 256;

/** The tag that says what an object was found to be. */
const STATUS = 'scan-status';

/**
 * The tag that makes it a ledger entry: which upload was dealt with, and whether it was delivered.
 * A copy takes the tags along (a rename over SFTP is a copy), and must not pass for settled under
 * its new key. It is one tag because there may be room for one only.
 */
const UPLOAD = 'scan-upload';

/**
 * Marks an upload that lies in the dead-letter queue: the sweep leaves it to people. It is not an
 * ending for good, so a message that is redriven is handled as if the mark were not there.
 */
const REFUSED = 'scan-refused';

/** What one upload is known by. */
export type Upload = Pick<PinnedObject, 'bucket' | 'key' | 'versionId' | 'etag'>;

/** True when this very upload has had its ending, whichever. */
export function isSettled(upload: Upload, tags: Tags): boolean {
  return wasDelivered(upload, tags) || tags[UPLOAD] === fingerprint(upload, false);
}

/** True when this very upload was delivered. */
export function wasDelivered(upload: Upload, tags: Tags): boolean {
  return tags[UPLOAD] === fingerprint(upload, true);
}

/** How far an upload has come, as its tags tell; see `Found`. */
export function stateOf(
  upload: Upload,
  tags: Tags,
  includeRefused: boolean,
): 'unsettled' | 'delivered' | 'settled' {
  if (wasDelivered(upload, tags)) return 'delivered';
  if (isSettled(upload, tags)) return 'settled';
  return includeRefused || !isRefused(upload, tags) ? 'unsettled' : 'settled';
}

function isRefused(upload: Upload, tags: Tags): boolean {
  return tags[REFUSED] === fingerprint(upload, false);
}

/**
 * The object's tags with the mark added. What was settled before stays settled.
 *
 * @throws IngestError `TAGS_FULL` when there is no room
 */
export function refusedTags(upload: Upload, tags: Tags): Tags {
  if (isSettled(upload, tags)) return tags;
  return { ...withRoom(tags), [REFUSED]: fingerprint(upload, false) };
}

function fingerprint({ bucket, key, versionId, etag }: Upload, delivered: boolean): string {
  const identity = [
    bucket,
    key,
    versionOf({ versionId, etag }),
    ...(delivered ? [] : ['not delivered']),
  ];
  return createHash('sha256').update(JSON.stringify(identity)).digest('hex').slice(0, 32);
}

export type Settlement = {
  /**
   * `none`: a folder, which was delivered without anything to scan; `unscanned`: delivered because the
   * partner's policy says so.
   */
  readonly status: 'clean' | 'none' | 'unscanned' | 'superseded' | 'skipped';
  readonly engine: string;
  /** Epoch milliseconds. */
  readonly settledAt: number;
};

const DELIVERED: readonly Settlement['status'][] = ['clean', 'none', 'unscanned'];

/**
 * The object's tags with ours added; a sender's tags stay as they are. Where there is not room
 * for all of ours, the ledger entry goes first.
 *
 * @throws IngestError `TAGS_FULL` when there is room for none
 */
export function settledTags(object: PinnedObject, settlement: Settlement): Tags {
  const { status } = settlement;
  const ours = [
    [UPLOAD, fingerprint(object, DELIVERED.includes(status))],
    [STATUS, status],
    ['scan-time', new Date(settlement.settledAt).toISOString()],
    ['scan-engine', tagValue(settlement.engine)],
  ];
  return Object.fromEntries([...Object.entries(withRoom(object.tags)), ...ours].slice(0, MAX_TAGS));
}

/** @throws IngestError `TAGS_FULL` when the sender's tags leave no room for one of ours */
export function requireRoom(tags: Tags): void {
  const { length } = Object.keys(sendersOwn(tags));
  if (length >= MAX_TAGS) {
    throw new IngestError('TAGS_FULL', `the object already has ${length} tags of its sender`);
  }
}

function withRoom(tags: Tags): Tags {
  requireRoom(tags);
  return sendersOwn(tags);
}

/** Ours are written anew each time. */
function sendersOwn(tags: Tags): Tags {
  return Object.fromEntries(Object.entries(tags).filter(([key]) => !key.startsWith('scan-')));
}

function tagValue(text: string): string {
  return text.replaceAll(/[^\p{L}\p{N} +\-=._:/@]/gu, '_').slice(0, MAX_VALUE_CHARACTERS);
}
