/** How a copy names what it copies: the one part of S3's API that wants the key URL-encoded. */
export function copySource(file: {
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string | undefined;
}): string {
  const { bucket, key, versionId } = file;
  const source = `${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`;
  return versionId === undefined ? source : `${source}?versionId=${encodeURIComponent(versionId)}`;
}
