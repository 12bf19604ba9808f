import { DeleteObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { httpStatusOf } from '../../shared/s3/errors.ts';
import { fileAttributes, folderAttributes } from '../protocol/attributes.ts';
import type { ObjectStore } from './guarded-store.ts';
import type { Address, Storage } from './objects.ts';
import { folderPrefix, isReachableName, locate, type Place } from './paths.ts';
import { failure, permissionDenied } from '../protocol/status.ts';
import type { Attributes } from '../protocol/replies.ts';
import { conditionHeaders } from './write-condition.ts';

export type FolderEntry = { readonly filename: string; readonly attributes: Attributes };

export type StoredPlace = Extract<Place, { kind: 'stored' }>;

/**
 * What S3 has in a folder, while its pages arrive: one page of 1,000 is in memory.
 *
 * Keys that no SFTP path can name (`a//b`) are omitted, and folders with the same name as a file.
 */
export async function* listStored(s3: ObjectStore, folder: Address): AsyncGenerator<FolderEntry> {
  const prefix = folderPrefix(folder.key);
  let continuation: string | undefined;
  let lastFile = '';
  do {
    const page = await s3.send(
      new ListObjectsV2Command({
        Bucket: folder.bucket,
        Prefix: prefix,
        Delimiter: '/',
        ...(continuation === undefined ? {} : { ContinuationToken: continuation }),
      }),
    );
    // `name` is listed before `name/`, but possibly as the last key of the previous page.
    const fileNames = new Set([lastFile]);
    for (const { Key = '', Size = 0, LastModified } of page.Contents ?? []) {
      const filename = Key.slice(prefix.length);
      if (!isReachableName(filename)) continue;
      fileNames.add(filename);
      lastFile = filename;
      yield { filename, attributes: fileAttributes(Size, LastModified?.getTime() ?? 0) };
    }
    for (const { Prefix = '' } of page.CommonPrefixes ?? []) {
      const filename = Prefix.slice(prefix.length, -1);
      if (!isReachableName(filename) || fileNames.has(filename)) continue;
      yield { filename, attributes: folderAttributes() };
    }
    continuation = page.NextContinuationToken;
  } while (continuation !== undefined);
}

/** Creates a folder by creating its marker, an empty object `name/`. @throws SftpFailure when there is one */
export async function putMarker(s3: ObjectStore, { bucket, key }: Address): Promise<void> {
  const marker = { Bucket: bucket, Key: folderPrefix(key), Body: Buffer.alloc(0) };
  try {
    await s3.send(new PutObjectCommand({ ...marker, ...conditionHeaders({ kind: 'absent' }) }));
  } catch (error) {
    if (httpStatusOf(error) === 412) throw failure('the folder exists already');
    throw error;
  }
}

/** Deletes the marker of an empty folder. A file stored below it meanwhile stays, and the folder with it. */
export async function deleteMarker(s3: ObjectStore, { bucket, key }: Address): Promise<void> {
  await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: folderPrefix(key) }));
}

/** @throws SftpFailure for a folder that only leads to homes, where nothing can be stored */
export function storedPlace({ homes }: Pick<Storage, 'homes'>, path: string): StoredPlace {
  const place = locate(homes, path);
  if (place.kind === 'stored') return place;
  throw permissionDenied(
    `nothing can be stored or removed in ${place.path}; it only leads to other folders`,
  );
}

/** @throws SftpFailure as `storedPlace`, and for a home, which is a folder */
export function filePlace(storage: Pick<Storage, 'homes'>, path: string): StoredPlace {
  const place = storedPlace(storage, path);
  if (place.isHome) throw failure(`${place.path} is a folder`);
  return place;
}
