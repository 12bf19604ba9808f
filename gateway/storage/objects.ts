import { HeadObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import type { ObjectStore } from './guarded-store.ts';
import { fileAttributes, folderAttributes } from '../protocol/attributes.ts';
import { folderPrefix, type Homes, locate } from './paths.ts';
import { isNotFound } from '../../shared/s3/errors.ts';
import { SftpFailure } from '../protocol/status.ts';
import { parseCrc32 } from './crc32.ts';
import { modifiedAtIn } from './target.ts';
import type { Attributes } from '../protocol/replies.ts';

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

/** A folder exists in S3 only as a marker object `name/`, or as the common prefix of some keys. */
export type FolderState = 'missing' | 'empty' | 'filled';

/** The file at a path; undefined when there is none (there may be a folder). */
export async function findFile(
  { s3, homes }: Storage,
  path: string,
): Promise<StoredFile | undefined> {
  const place = locate(homes, path);
  if (place.kind === 'virtual' || place.isHome) return undefined;
  const { bucket, key } = place;
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

export async function folderState({ s3, homes }: Storage, path: string): Promise<FolderState> {
  const place = locate(homes, path);
  if (place.kind === 'virtual') return 'filled';
  const prefix = folderPrefix(place.key);
  const found = await s3.send(
    new ListObjectsV2Command({ Bucket: place.bucket, Prefix: prefix, MaxKeys: 2 }),
  );
  const keys = (found.Contents ?? []).map(({ Key }) => Key);
  if (keys.some((key) => key !== prefix)) return 'filled';
  return keys.length > 0 || place.isHome ? 'empty' : 'missing';
}

/** What `stat` reports for a path; undefined when nothing is there. A file hides a folder of the same name. */
export async function attributesAt(
  storage: Storage,
  path: string,
): Promise<Attributes | undefined> {
  const place = locate(storage.homes, path);
  // These exist whether or not the partner may list them.
  if (place.kind === 'virtual' || place.isHome) return folderAttributes();
  let denial: SftpFailure | undefined;
  try {
    const file = await findFile(storage, path);
    if (file !== undefined) return fileAttributes(file.sizeBytes, file.modifiedAt);
  } catch (error) {
    // A policy for `acme/*` does not cover a file `acme`, but the folder may exist.
    if (!(error instanceof SftpFailure)) throw error;
    denial = error;
  }
  if ((await folderState(storage, path)) !== 'missing') return folderAttributes();
  if (denial !== undefined) throw denial;
  return undefined;
}
