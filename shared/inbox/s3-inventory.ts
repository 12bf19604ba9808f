import type { S3Client } from '@aws-sdk/client-s3';
import PQueue from 'p-queue';
import type { Arrival } from '../model/arrival.ts';
import { isNotFound } from '../s3/errors.ts';
import { listVersions } from '../s3/list-versions.ts';
import type { Inventory, InventoryEntry, Search } from './inventory.ts';
import { stateOf } from './ledger-tags.ts';
import { readTags } from './s3-tags.ts';

/** Each takes one request, which AWS answers in some 15 ms. */
const TAGS_READ_AT_ONCE = 32;

/** Lists a bucket's versions, and reads the tags of each. */
export function s3Inventory(s3: S3Client): Inventory {
  return {
    async *survey(bucket, search, signal) {
      const queue = new PQueue({ concurrency: TAGS_READ_AT_ONCE });
      for await (const { versions } of listVersions(s3, { bucket, signal })) {
        const inspections = versions.map(({ key, versionId, etag, sizeBytes, storedAt }) => {
          const arrival = { bucket, key, versionId, etag, sizeBytes, arrivedAt: storedAt };
          return () => inspect(s3, arrival, search, signal);
        });
        yield* (await queue.addAll(inspections)).filter((entry) => entry !== undefined);
      }
    },
  };
}

/** @returns `undefined` when the version was removed meanwhile */
async function inspect(
  s3: S3Client,
  arrival: Arrival,
  { arrivedBefore, includeRefused }: Search,
  signal: AbortSignal,
): Promise<InventoryEntry | undefined> {
  if (arrival.arrivedAt >= arrivedBefore) return { arrival, state: 'young' };
  try {
    const tags = await readTags(s3, arrival, signal);
    return { arrival, state: stateOf(arrival, tags, includeRefused) };
  } catch (error) {
    if (isNotFound(error)) return undefined;
    if (signal.aborted) throw error;
    return { arrival, state: 'unreadable', error };
  }
}
