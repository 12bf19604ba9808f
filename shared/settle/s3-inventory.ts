import {
  GetObjectTaggingCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  type ObjectVersion,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import type { Arrival } from '../model/arrival.ts';
import type { Inventory } from './inventory.ts';
import { isSettled } from './tags.ts';

/** Lists a bucket's versions and looks at the tags of the newest ones. */
export function s3Inventory(s3: S3Client): Inventory {
  return {
    async *unsettled(bucket, signal) {
      for await (const version of versions(s3, bucket, signal)) {
        const arrival = arrivalOf(bucket, version);
        if (arrival && !(await isSettledNow(s3, arrival, signal))) yield arrival;
      }
    },
  };
}

async function* versions(
  s3: S3Client,
  bucket: string,
  signal: AbortSignal,
): AsyncGenerator<ObjectVersion> {
  let marker: { KeyMarker?: string | undefined; VersionIdMarker?: string | undefined } | undefined =
    {};
  while (marker !== undefined) {
    const page: ListObjectVersionsCommandOutput = await s3.send(
      new ListObjectVersionsCommand({ Bucket: bucket, ...marker }),
      { abortSignal: signal },
    );
    yield* page.Versions ?? [];
    marker = page.IsTruncated
      ? { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker }
      : undefined;
  }
}

function arrivalOf(bucket: string, version: ObjectVersion): Arrival | undefined {
  const { Key, ETag, VersionId, Size, LastModified, IsLatest } = version;
  if (!IsLatest || Key === undefined || ETag === undefined) return undefined;
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
async function isSettledNow(s3: S3Client, arrival: Arrival, signal: AbortSignal): Promise<boolean> {
  const { bucket, key, versionId } = arrival;
  try {
    const { TagSet = [] } = await s3.send(
      new GetObjectTaggingCommand({ Bucket: bucket, Key: key, VersionId: versionId }),
      { abortSignal: signal },
    );
    return isSettled(
      arrival,
      Object.fromEntries(TagSet.map(({ Key, Value }) => [Key, Value ?? ''])),
    );
  } catch (error) {
    if (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 404) return true;
    throw error;
  }
}
