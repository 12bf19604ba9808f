/**
 * Tells one upload of a key from another: by its version, or by its ETag where there is none of its own.
 *
 * What is stored without versioning has the version `null` in listings and (once versioning was
 * switched on or suspended) in GET, and none at all in its event and in GET before that. The next
 * upload of the key takes the `null` over. So `null` is good for addressing an object, but as an id
 * it would differ between the event and the listing, and be the same for two uploads.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/AddingObjectstoVersionSuspendedBuckets.html
 */
export function versionOf(upload: {
  readonly versionId: string | undefined;
  readonly etag: string;
}): string {
  return isUniqueVersion(upload.versionId) ? upload.versionId : upload.etag;
}

/** True for a version id that belongs to one upload alone. */
export function isUniqueVersion(versionId: string | undefined): versionId is string {
  return versionId !== undefined && versionId !== 'null';
}
