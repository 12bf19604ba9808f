/** Tells one upload of a key from another: its version; without versioning only the ETag is known. */
export function versionOf(upload: {
  readonly versionId: string | undefined;
  readonly etag: string;
}): string {
  return upload.versionId ?? upload.etag;
}
