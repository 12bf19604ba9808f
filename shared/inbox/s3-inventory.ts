import {
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  type ObjectVersion,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import PQueue from 'p-queue';
import type { Arrival } from '../model/arrival.ts';
import type { Found, Inventory, Search } from './inventory.ts';
import { readTags } from './s3-tags.ts';
import { stateOf } from './ledger-tags.ts';

/** Tags are asked for one object at a time, and AWS answers in some 15 ms: so many at once. */
const LOOKS_AT_ONCE = 32;

/** Lists a bucket's versions, and asks for the tags of each. */
export function s3Inventory(s3: S3Client): Inventory {
  return {
    async *survey(bucket, search, signal) {
      const queue = new PQueue({ concurrency: LOOKS_AT_ONCE });
      for await (const page of pages(s3, bucket, signal)) {
        const looks = page
          .map((version) => arrivalOf(bucket, version))
          .filter((arrival) => arrival !== undefined)
          .map((arrival) => () => lookAt(s3, arrival, search, signal));
        yield* (await queue.addAll(looks)).filter((found) => found !== undefined);
      }
    },
  };
}

async function* pages(
  s3: S3Client,
  bucket: string,
  signal: AbortSignal,
): AsyncGenerator<readonly ObjectVersion[]> {
  let marker: { KeyMarker?: string | undefined; VersionIdMarker?: string | undefined } | undefined =
    {};
  while (marker !== undefined) {
    const page: ListObjectVersionsCommandOutput = await s3.send(
      new ListObjectVersionsCommand({ Bucket: bucket, ...marker }),
      { abortSignal: signal },
    );
    yield page.Versions ?? [];
    marker = page.IsTruncated
      ? { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker }
      : undefined;
  }
}

function arrivalOf(bucket: string, version: ObjectVersion): Arrival | undefined {
  const { Key, ETag, VersionId, Size, LastModified } = version;
  if (Key === undefined || ETag === undefined) return undefined;
  return {
    bucket,
    key: Key,
    sizeBytes: Size ?? 0,
    etag: ETag.replaceAll('"', ''),
    versionId: VersionId,
    arrivedAt: LastModified?.getTime() ?? Date.now(),
  };
}

/** A version that vanished meanwhile needs nothing any more. */
async function lookAt(
  s3: S3Client,
  arrival: Arrival,
  { arrivedBefore, includeRefused }: Search,
  signal: AbortSignal,
): Promise<Found | undefined> {
  if (arrival.arrivedAt >= arrivedBefore) return { arrival, state: 'young' };
  try {
    const tags = await readTags(s3, arrival, signal);
    return { arrival, state: stateOf(arrival, tags, includeRefused) };
  } catch (error) {
    const isGone = error instanceof S3ServiceException && error.$metadata.httpStatusCode === 404;
    if (isGone) return undefined;
    throw error;
  }
}
