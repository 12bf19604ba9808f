import { createHash } from 'node:crypto';
import type { PinnedObject, Tags } from '../model/arrival.ts';
import { IngestError } from '../model/ingest-error.ts';
import { versionOf } from '../model/upload-id.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html */
const MAX_TAGS = 10;
const MAX_VALUE_CHARACTERS = 256;

/** The tag with the outcome. */
const STATUS = 'scan-status';

/**
 * The ledger entry: which upload was settled, and whether it was delivered. A copy has the tags of
 * its source (a rename over SFTP is a copy), but must not count as settled under its new key. One
 * tag holds both facts because there may be room for one only.
 */
const UPLOAD = 'scan-upload';

/**
 * Marks an upload that was dead-lettered: the sweep leaves it to people. It is not final: a
 * redriven message is handled as if the mark were not there.
 */
const REFUSED = 'scan-refused';

/** What identifies an upload. */
export type Upload = Pick<PinnedObject, 'bucket' | 'key' | 'versionId' | 'etag'>;

/** True when this very upload has an outcome, whichever. */
export function isSettled(upload: Upload, tags: Tags): boolean {
  return wasDelivered(upload, tags) || tags[UPLOAD] === fingerprint(upload, false);
}

/** True when this very upload was delivered. */
export function wasDelivered(upload: Upload, tags: Tags): boolean {
  return tags[UPLOAD] === fingerprint(upload, true);
}

/** How far an upload has come, by its tags; see `InventoryEntry`. */
export function stateOf(
  upload: Upload,
  tags: Tags,
  includeRefused: boolean,
): 'unsettled' | 'delivered' | 'settled' {
  if (wasDelivered(upload, tags)) return 'delivered';
  if (isSettled(upload, tags)) return 'settled';
  return includeRefused || !isRefused(upload, tags) ? 'unsettled' : 'settled';
}

/** How an upload ended, as its tags tell; `none`: not yet, or it was put back to be handled again. */
export type RecordedEnding = 'delivered' | 'superseded' | 'skipped' | 'refused' | 'none';

/** `refused` may be out of date: a redriven upload keeps its mark until it has another ending. */
export function recordedEnding(upload: Upload, tags: Tags): RecordedEnding {
  if (wasDelivered(upload, tags)) return 'delivered';
  if (isSettled(upload, tags)) return tags[STATUS] === 'skipped' ? 'skipped' : 'superseded';
  return isRefused(upload, tags) ? 'refused' : 'none';
}

function isRefused(upload: Upload, tags: Tags): boolean {
  return tags[REFUSED] === fingerprint(upload, false);
}

/**
 * The object's tags with the mark of a dead-lettered upload. What is settled stays settled.
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
   * `none`: a folder, which has nothing to scan; `unscanned`: delivered because the partner's
   * policy says so.
   */
  readonly status: 'clean' | 'none' | 'unscanned' | 'superseded' | 'skipped';
  readonly engine: string;
  /** Epoch milliseconds. */
  readonly settledAt: number;
};

const DELIVERED: readonly Settlement['status'][] = ['clean', 'none', 'unscanned'];

/**
 * The object's tags with ours added; the sender's tags stay as they are. Where there is no room
 * for all of ours, the ledger entry has precedence.
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

/** @throws IngestError `TAGS_FULL` when the sender's tags leave no room for any of ours */
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

/** Without ours, which are replaced each time. */
function sendersOwn(tags: Tags): Tags {
  return Object.fromEntries(Object.entries(tags).filter(([key]) => !key.startsWith('scan-')));
}

function tagValue(text: string): string {
  return text.replaceAll(/[^\p{L}\p{N} +\-=._:/@]/gu, '_').slice(0, MAX_VALUE_CHARACTERS);
}
