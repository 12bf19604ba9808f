import {
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  type ObjectVersion,
  type S3Client,
} from '@aws-sdk/client-s3';

/** A version as S3 lists it. */
export type ListedVersion = {
  readonly key: string;
  /** `null` without versioning; see `versionOf` in model/upload-id.ts. */
  readonly versionId: string;
  /** Without quotes. */
  readonly etag: string;
  readonly sizeBytes: number;
  /** Epoch milliseconds, in whole seconds; of a multipart upload the time it was begun. */
  readonly storedAt: number;
  readonly isLatest: boolean;
};

/** A delete marker. */
type ListedDeletion = Pick<ListedVersion, 'key' | 'versionId' | 'storedAt'>;

/** Each list in the order of the keys, newest first. With one entry a page, their common order is known, too. */
export type VersionPage = {
  readonly versions: readonly ListedVersion[];
  readonly deletions: readonly ListedDeletion[];
};

type Query = {
  readonly bucket: string;
  /** Default: all keys. */
  readonly prefix?: string;
  /** Begins after this entry, or with it: S3 does not document which. */
  readonly after?: Pick<ListedVersion, 'key' | 'versionId'> | undefined;
  /** Default: S3's 1000. */
  readonly pageSize?: number;
  readonly signal?: AbortSignal;
};

/** All versions and delete markers of the keys, page by page. */
export async function* listVersions(
  s3: S3Client,
  { bucket, prefix, after, pageSize, signal }: Query,
): AsyncGenerator<VersionPage> {
  const query = { Bucket: bucket, Prefix: prefix, MaxKeys: pageSize };
  let marker: Marker | undefined = { KeyMarker: after?.key, VersionIdMarker: after?.versionId };
  while (marker !== undefined) {
    const page: ListObjectVersionsCommandOutput = await s3.send(
      new ListObjectVersionsCommand({ ...query, ...marker }),
      signal === undefined ? {} : { abortSignal: signal },
    );
    yield {
      versions: (page.Versions ?? []).map(toListedVersion),
      deletions: (page.DeleteMarkers ?? []).map(toListedVersion),
    };
    marker = page.IsTruncated
      ? { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker }
      : undefined;
  }
}

type Marker = { KeyMarker: string | undefined; VersionIdMarker: string | undefined };

function toListedVersion(entry: ObjectVersion): ListedVersion {
  const { Key = '', VersionId = '', ETag = '', Size = 0, LastModified, IsLatest = false } = entry;
  return {
    key: Key,
    versionId: VersionId,
    etag: ETag.replaceAll('"', ''),
    sizeBytes: Size,
    storedAt: LastModified?.getTime() ?? Date.now(),
    isLatest: IsLatest,
  };
}
