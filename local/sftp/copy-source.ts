import type { StoredFile } from './objects.ts';

/** How a copy names what it copies: the one part of S3's API that wants the key URL-encoded. */
export function copySource(bucket: string, { key, versionId }: StoredFile): string {
  const source = `${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`;
  return versionId === undefined ? source : `${source}?versionId=${encodeURIComponent(versionId)}`;
}
