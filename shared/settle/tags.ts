import type { Tags } from '../model/arrival.ts';
import { IngestError } from '../platform/errors.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html */
const MAX_TAGS = 10;
const MAX_VALUE_CHARACTERS = 256;

/** The tag that says an object has been dealt with; written last. */
const STATUS = 'scan-status';

export function isSettled(tags: Tags): boolean {
  return STATUS in tags;
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
 * for all of ours, the status goes first, since it is the ledger.
 *
 * @throws IngestError `TAGS_FULL` when there is room for none
 */
export function settledTags(existing: Tags, settlement: Settlement): Tags {
  const senders = Object.entries(existing).filter(([key]) => !key.startsWith('scan-'));
  if (senders.length >= MAX_TAGS) {
    throw new IngestError('TAGS_FULL', `the object already has ${senders.length} tags`);
  }
  const ours = [
    [STATUS, settlement.status],
    ['scan-time', new Date(settlement.settledAt).toISOString()],
    ['scan-engine', tagValue(settlement.engine)],
  ];
  return Object.fromEntries([...senders, ...ours].slice(0, MAX_TAGS));
}

function tagValue(text: string): string {
  return text.replaceAll(/[^\p{L}\p{N} +\-=._:/@]/gu, '_').slice(0, MAX_VALUE_CHARACTERS);
}
