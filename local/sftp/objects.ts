import { HeadObjectCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { fileAttributes, folderAttributes } from './attributes.ts';
import { fileKey, folderPrefix, resolvePath, type Home } from './paths.ts';
import { httpStatusOf } from './status.ts';
import type { Attributes } from './wire/replies.ts';

/** A partner's home and the way to it. */
export type Storage = { readonly s3: S3Client; readonly home: Home };

/** One version of an object, so that everything read later is of this one. */
export type StoredFile = {
  readonly key: string;
  readonly sizeBytes: number;
  readonly etag: string | undefined;
  readonly versionId: string | undefined;
  /** Epoch milliseconds. */
  readonly modifiedAt: number;
};

/** Folders exist in S3 only as a marker object `name/`, or as the common start of some keys. */
export type FolderState = 'missing' | 'empty' | 'filled';

/** The file at a path; undefined when there is none (there may be a folder). */
export async function findFile(
  { s3, home }: Storage,
  path: string,
): Promise<StoredFile | undefined> {
  if (resolvePath(path) === '/') return undefined;
  const key = fileKey(home, path);
  try {
    const head = await s3.send(new HeadObjectCommand({ Bucket: home.bucket, Key: key }));
    return {
      key,
      sizeBytes: head.ContentLength ?? 0,
      etag: head.ETag,
      versionId: head.VersionId,
      modifiedAt: head.LastModified?.getTime() ?? 0,
    };
  } catch (error) {
    if (httpStatusOf(error) === 404) return undefined;
    throw error;
  }
}

export async function folderState({ s3, home }: Storage, path: string): Promise<FolderState> {
  const prefix = folderPrefix(home, path);
  const found = await s3.send(
    new ListObjectsV2Command({ Bucket: home.bucket, Prefix: prefix, MaxKeys: 2 }),
  );
  const keys = (found.Contents ?? []).map(({ Key }) => Key);
  if (keys.some((key) => key !== prefix)) return 'filled';
  // The home itself always exists.
  return keys.length > 0 || prefix === home.prefix ? 'empty' : 'missing';
}

/** What `stat` tells about a path; undefined when there is nothing. A file hides a folder of its name. */
export async function attributesAt(
  storage: Storage,
  path: string,
): Promise<Attributes | undefined> {
  const file = await findFile(storage, path);
  if (file !== undefined) return fileAttributes(file.sizeBytes, file.modifiedAt);
  const state = await folderState(storage, path);
  return state === 'missing' ? undefined : folderAttributes();
}
