import { checkWriteConditions } from '../protocol/conditions.ts';
import { formatSequencer } from '../events.ts';
import { currentObject, versionForEvent } from './find-version.ts';
import type { S3Request, S3Service } from '../service.ts';
import type { Bucket } from '../store/buckets.ts';
import type { Extent } from '../store/contents.ts';
import type { Store } from '../store/store.ts';
import type { NewVersion, Version } from '../store/versions.ts';
import { NULL_VERSION } from '../store/versions.ts';

export type Written = { readonly bucket: Bucket; readonly version: Version };

/** New bytes, or the content of an existing object. */
export type Source = { readonly extents: readonly Extent[] } | { readonly content: number };

/**
 * Adds an object as the newest version of its key, after checking the request's conditions. Call within a commit.
 *
 * @throws S3Error NoSuchBucket, or as checkWriteConditions does
 */
export function putVersion(
  store: Store,
  release: (content: number) => void,
  request: Pick<S3Request, 'bucket' | 'key' | 'headers'>,
  source: Source,
  draft: Omit<NewVersion, 'content' | 'isMarker'>,
): Written {
  const bucket = store.buckets.get(request.bucket);
  checkWriteConditions(request.headers, currentObject(store, request.bucket, request.key));
  const seq = store.sequence.next();
  const content = 'content' in source ? source.content : seq;
  replaceNullVersion(store, release, bucket, request.key);
  if ('extents' in source) store.contents.add(content, source.extents);
  const version = store.versions.add(bucket, request.key, seq, {
    ...draft,
    content,
    isMarker: false,
  });
  return { bucket, version };
}

/** Without versioning a key has one version, `null`, which a new one replaces. Call within a commit. */
export function replaceNullVersion(
  store: Store,
  release: (content: number) => void,
  bucket: Bucket,
  key: string,
): Version | undefined {
  if (bucket.versioning === 'Enabled') return undefined;
  const replaced = store.versions.byId(bucket.name, key, NULL_VERSION);
  if (replaced === undefined) return undefined;
  store.versions.remove(replaced);
  release(replaced.content);
  return replaced;
}

export function publishCreated(
  s3: S3Service,
  request: S3Request,
  { bucket, version }: Written,
  reason: 'PutObject' | 'CopyObject' | 'CompleteMultipartUpload',
): void {
  s3.publish(bucket, request, 'Object Created', {
    object: {
      ...versionForEvent(bucket, version),
      size: version.sizeBytes,
      sequencer: formatSequencer(version.seq),
    },
    reason,
  });
}
