import { S3Error } from '../protocol/errors.ts';
import type { Bucket } from '../store/buckets.ts';
import type { Store } from '../store/store.ts';
import type { Version } from '../store/versions.ts';
import { NULL_VERSION } from '../store/versions.ts';

/** The current object of a key; undefined when it is deleted. */
export function currentObject(store: Store, bucket: string, key: string): Version | undefined {
  const latest = store.versions.latest(bucket, key);
  return latest?.isMarker === true ? undefined : latest;
}

/**
 * The version a request names, or the latest.
 *
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/DeleteMarker.html
 *
 * @throws S3Error NoSuchKey, NoSuchVersion, or MethodNotAllowed when it names a delete marker
 */
export function findVersion(
  store: Store,
  bucket: Bucket,
  key: string,
  versionId: string | undefined,
): Version {
  const version =
    versionId === undefined
      ? store.versions.latest(bucket.name, key)
      : store.versions.byId(bucket.name, key, checkVersionId(versionId));
  if (version === undefined) {
    throw versionId === undefined
      ? new S3Error('NoSuchKey', 'The specified key does not exist.', { details: { Key: key } })
      : new S3Error('NoSuchVersion', 'The specified version does not exist.', {
          details: { Key: key, VersionId: versionId },
        });
  }
  if (!version.isMarker) return version;
  const marked = { 'x-amz-delete-marker': 'true', ...versionHeaders(bucket, version) };
  throw versionId === undefined
    ? new S3Error('NoSuchKey', 'The specified key does not exist.', {
        details: { Key: key },
        headers: marked,
      })
    : new S3Error(
        'MethodNotAllowed',
        'The specified method is not allowed against this resource.',
        {
          details: { ResourceType: 'DeleteMarker' },
          headers: {
            ...marked,
            allow: 'DELETE',
            'last-modified': new Date(version.modifiedAtMs).toUTCString(),
          },
        },
      );
}

/** @throws S3Error InvalidArgument for an invalid version id */
export function checkVersionId(versionId: string): string {
  if (versionId === NULL_VERSION || /^[\w-]{32}$/.test(versionId)) return versionId;
  throw new S3Error('InvalidArgument', 'Invalid version id specified', {
    details: { ArgumentName: 'versionId', ArgumentValue: versionId },
  });
}

/** Empty for buckets that never were versioned. */
export function versionHeaders(
  bucket: Bucket,
  version: Pick<Version, 'versionId'>,
): Record<string, string> {
  return bucket.versioning === 'Never' ? {} : { 'x-amz-version-id': version.versionId };
}

/** The `object` of an event. */
export function versionForEvent(
  bucket: Bucket,
  version: Pick<Version, 'key' | 'etag' | 'versionId'>,
): { readonly key: string; readonly etag: string; readonly 'version-id'?: string } {
  const { key, etag, versionId } = version;
  return bucket.versioning === 'Never' ? { key, etag } : { key, etag, 'version-id': versionId };
}
