/** Identifies an upload among those of its key: by version; without versioning, by ETag. */
export function versionOf(upload: {
  readonly versionId: string | undefined;
  readonly etag: string;
}): string {
  return upload.versionId ?? upload.etag;
}
