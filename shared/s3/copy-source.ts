/**
 * Names the source of a copy: bucket, key and version URL-encoded, the slashes of the key kept.
 *
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
 */
export function encodeCopySource(source: {
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string | undefined;
}): string {
  const { bucket, key, versionId } = source;
  const path = [bucket, ...key.split('/')].map(encodeURIComponent).join('/');
  return versionId === undefined ? path : `${path}?versionId=${encodeURIComponent(versionId)}`;
}
