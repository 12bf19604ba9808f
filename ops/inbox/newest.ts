import type { S3Client } from '@aws-sdk/client-s3';
import type { Upload } from '../../shared/inbox/ledger-tags.ts';
import { listVersions } from '../../shared/s3/list-versions.ts';

/** Which keys a command is about. */
export type Keys = { readonly prefix: string } | { readonly keys: readonly string[] };

export type Newest = {
  readonly key: string;
  /** `undefined` where a named key does not exist, or was deleted. */
  readonly upload: Upload | undefined;
};

/** The newest upload of each key, in the order of the keys. */
export async function* newestUploads(
  s3: S3Client,
  bucket: string,
  wanted: Keys,
): AsyncGenerator<Newest> {
  if ('prefix' in wanted) {
    yield* newestBelow(s3, bucket, wanted.prefix);
    return;
  }
  for (const key of wanted.keys) yield { key, upload: await newestOf(s3, bucket, key) };
}

async function newestOf(s3: S3Client, bucket: string, key: string): Promise<Upload | undefined> {
  // Keys are listed in order, so this one precedes all others that begin with it.
  for await (const newest of newestBelow(s3, bucket, key)) {
    return newest.key === key ? newest.upload : undefined;
  }
  return undefined;
}

async function* newestBelow(
  s3: S3Client,
  bucket: string,
  prefix: string,
): AsyncGenerator<Newest & { readonly upload: Upload }> {
  for await (const { versions } of listVersions(s3, { bucket, prefix })) {
    for (const { key, versionId, etag, isLatest } of versions) {
      if (isLatest) yield { key, upload: { bucket, key, versionId, etag } };
    }
  }
}
