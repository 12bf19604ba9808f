import { DeleteObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { fileAttributes, folderAttributes } from '../protocol/attributes.ts';
import { attributesAt, findFile, folderState, type Storage } from './objects.ts';
import {
  folderPrefix,
  homesBelow,
  isReachableName,
  locate,
  type Place,
  resolveIn,
} from './paths.ts';
import { failure, noSuchFile, permissionDenied } from '../protocol/status.ts';
import type { Attributes } from '../protocol/replies.ts';

export type FolderEntry = { readonly filename: string; readonly attributes: Attributes };

export type StoredPlace = Extract<Place, { kind: 'stored' }>;

/** @throws SftpFailure when there is no folder at the path */
export async function assertFolder(storage: Storage, path: string): Promise<void> {
  const attributes = await attributesAt(storage, path);
  if (attributes === undefined) throw noSuchFile(path);
  if (!attributes.isFolder) throw failure(`${path} is a file, not a folder`);
}

/**
 * Lists a folder, `.` and `..` first, while S3's pages arrive: one page of 1,000 is in memory.
 *
 * Keys that no SFTP path can name (`a//b`) are omitted, and folders with the same name as a file.
 */
export async function* listFolder(storage: Storage, path: string): AsyncGenerator<FolderEntry> {
  yield { filename: '.', attributes: folderAttributes() };
  yield { filename: '..', attributes: folderAttributes() };
  const homes = new Set(homesBelow(storage.homes, resolveIn(storage.homes, path)));
  for (const filename of homes) yield { filename, attributes: folderAttributes() };
  const place = locate(storage.homes, path);
  if (place.kind === 'virtual') return;
  for await (const entry of listStored(storage, place)) {
    if (!homes.has(entry.filename)) yield entry;
  }
}

async function* listStored({ s3 }: Storage, place: StoredPlace): AsyncGenerator<FolderEntry> {
  const prefix = folderPrefix(place.key);
  let continuation: string | undefined;
  let lastFile = '';
  do {
    const page = await s3.send(
      new ListObjectsV2Command({
        Bucket: place.bucket,
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

/** Creates a folder by creating its marker, an empty object `name/`. */
export async function makeFolder(storage: Storage, path: string): Promise<StoredPlace> {
  if ((await attributesAt(storage, path)) !== undefined) throw failure(`${path} exists already`);
  const place = storedPlace(storage, path);
  const marker = { Bucket: place.bucket, Key: folderPrefix(place.key) };
  await storage.s3.send(new PutObjectCommand({ ...marker, Body: Buffer.alloc(0) }));
  return place;
}

/** Removes an empty folder by deleting its marker. */
export async function removeFolder(storage: Storage, path: string): Promise<StoredPlace> {
  const place = storedPlace(storage, path);
  if (place.isHome) throw permissionDenied(`${place.path} cannot be removed`);
  const state = await folderState(storage, path);
  if (state === 'filled') throw failure(`${path} is not empty`);
  if (state === 'missing') {
    throw (await findFile(storage, path)) === undefined
      ? noSuchFile(path)
      : failure(`${path} is a file, not a folder`);
  }
  await storage.s3.send(
    new DeleteObjectCommand({ Bucket: place.bucket, Key: folderPrefix(place.key) }),
  );
  return place;
}

/** @throws SftpFailure for a folder that only leads to homes, where nothing can be stored */
export function storedPlace({ homes }: Storage, path: string): StoredPlace {
  const place = locate(homes, path);
  if (place.kind === 'stored') return place;
  throw permissionDenied(
    `nothing can be stored or removed in ${place.path}; it only leads to other folders`,
  );
}

/** @throws SftpFailure as `storedPlace`, and for a home, which is a folder */
export function filePlace(storage: Storage, path: string): StoredPlace {
  const place = storedPlace(storage, path);
  if (place.isHome) throw failure(`${place.path} is a folder`);
  return place;
}
