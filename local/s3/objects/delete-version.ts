import { checkDeleteCondition } from '../protocol/conditions.ts';
import { formatSequencer } from '../events.ts';
import { checkVersionId, currentObject, versionForEvent } from './find-version.ts';
import { replaceNullVersion } from './put-version.ts';
import type { S3Request, S3Service } from '../service.ts';
import type { Bucket } from '../store/buckets.ts';
import type { Store } from '../store/store.ts';
import type { Version } from '../store/versions.ts';

export type DeletionTarget = {
  readonly key: string;
  readonly versionId: string | undefined;
  /** The ETag the current object must have, or `*`. */
  readonly match: string | undefined;
};

/** The result. Deleting something that does not exist changes nothing and is not an error. */
export type Deletion = {
  readonly kind: 'marker-created' | 'removed' | 'nothing';
  readonly version: Version | undefined;
  readonly seq: number;
};

/**
 * Deletes an object or one version of it. Call within a commit.
 *
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/DeletingObjectVersions.html
 *
 * @throws S3Error PreconditionFailed, or InvalidArgument for an invalid version id
 */
export function deleteVersion(
  store: Store,
  release: (content: number) => void,
  bucket: Bucket,
  { key, versionId, match }: DeletionTarget,
): Deletion {
  checkDeleteCondition(match, currentObject(store, bucket.name, key));
  const seq = store.sequence.next();
  if (versionId !== undefined) {
    const version = store.versions.byId(bucket.name, key, checkVersionId(versionId));
    if (version === undefined) return { kind: 'nothing', version, seq };
    store.versions.remove(version);
    release(version.content);
    return { kind: 'removed', version, seq };
  }
  const replaced = replaceNullVersion(store, release, bucket, key);
  if (bucket.versioning === 'Never') {
    return { kind: replaced === undefined ? 'nothing' : 'removed', version: replaced, seq };
  }
  const marker = store.versions.add(bucket, key, seq, {
    isMarker: true,
    content: 0,
    sizeBytes: 0,
    etag: EMPTY_MD5,
    headers: [],
    metadata: [],
    tags: [],
    checksum: undefined,
  });
  return { kind: 'marker-created', version: marker, seq };
}

/** In AWS's events delete markers have the ETag of an empty object. */
const EMPTY_MD5 = 'd41d8cd98f00b204e9800998ecf8427e';

export function publishDeleted(
  s3: S3Service,
  request: S3Request,
  bucket: Bucket,
  { kind, version, seq }: Deletion,
): void {
  if (kind === 'nothing' || version === undefined) return;
  s3.publish(bucket, request, 'Object Deleted', {
    object: { ...versionForEvent(bucket, version), sequencer: formatSequencer(seq) },
    reason: 'DeleteObject',
    'deletion-type': kind === 'removed' ? 'Permanently Deleted' : 'Delete Marker Created',
  });
}
