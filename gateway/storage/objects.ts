import { DeleteObjectCommand, HeadObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import type { ObjectStore } from './guarded-store.ts';
import { folderPrefix, type Homes } from './paths.ts';
import { httpStatusOf, isNotFound } from '../../shared/s3/errors.ts';
import { parseCrc32 } from './crc32.ts';
import { modifiedAtIn } from './target.ts';

/** A partner's homes and the S3 access to them. */
export type Storage = { readonly s3: ObjectStore; readonly homes: Homes };

/** One version of an object, which all later reads name. */
export type StoredFile = {
  readonly bucket: string;
  readonly key: string;
  readonly sizeBytes: number;
  readonly etag: string | undefined;
  readonly versionId: string | undefined;
  /** Epoch milliseconds: the time set by the uploader, or else when it was stored. */
  readonly modifiedAt: number;
  readonly metadata: Readonly<Record<string, string>>;
  /** Of the whole object; undefined where S3 has none. */
  readonly crc32: number | undefined;
};

/** Where an object is. */
export type Address = { readonly bucket: string; readonly key: string };

/** A folder exists in S3 only as a marker object `name/`, or as the common prefix of some keys. */
export type FolderState = 'missing' | 'empty' | 'filled';

/** The object with a key; undefined when there is none. */
export async function findObject(
  s3: ObjectStore,
  { bucket, key }: Address,
): Promise<StoredFile | undefined> {
  try {
    const head = await s3.send(
      new HeadObjectCommand({ Bucket: bucket, Key: key, ChecksumMode: 'ENABLED' }),
    );
    return {
      bucket,
      key,
      sizeBytes: head.ContentLength ?? 0,
      etag: head.ETag,
      versionId: head.VersionId,
      modifiedAt: modifiedAtIn(head.Metadata) ?? head.LastModified?.getTime() ?? 0,
      metadata: head.Metadata ?? {},
      crc32: head.ChecksumType === 'COMPOSITE' ? undefined : parseCrc32(head.ChecksumCRC32),
    };
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/**
 * Deletes an object, but nothing that has replaced it since it was found.
 *
 * @returns `replaced` when another object has the key by now, `missing` when none has
 */
export async function deleteObject(
  s3: ObjectStore,
  { bucket, key, etag }: Address & Pick<StoredFile, 'etag'>,
): Promise<'deleted' | 'replaced' | 'missing'> {
  try {
    await s3.send(
      new DeleteObjectCommand({
        Bucket: bucket,
        Key: key,
        ...(etag === undefined ? {} : { IfMatch: etag }),
      }),
    );
    return 'deleted';
  } catch (error) {
    if (httpStatusOf(error) !== 412 && !isNotFound(error)) throw error;
    return (await findObject(s3, { bucket, key })) === undefined ? 'missing' : 'replaced';
  }
}

export async function folderStateOf(
  s3: ObjectStore,
  { bucket, key, isHome = false }: Address & { readonly isHome?: boolean },
): Promise<FolderState> {
  const prefix = folderPrefix(key);
  const found = await s3.send(
    new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, MaxKeys: 2 }),
  );
  const keys = (found.Contents ?? []).map(({ Key }) => Key);
  if (keys.some((each) => each !== prefix)) return 'filled';
  return keys.length > 0 || isHome ? 'empty' : 'missing';
}
