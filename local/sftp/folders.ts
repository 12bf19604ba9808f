import { DeleteObjectCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { fileAttributes, folderAttributes } from './attributes.ts';
import { attributesAt, findFile, folderState, type Storage } from './objects.ts';
import { folderPrefix, isReachableName } from './paths.ts';
import { failure, noSuchFile } from './status.ts';
import type { Attributes } from './wire/replies.ts';

export type FolderEntry = { readonly filename: string; readonly attributes: Attributes };

/** @throws SftpFailure when there is no folder at the path */
export async function assertFolder(storage: Storage, path: string): Promise<void> {
  if ((await folderState(storage, path)) !== 'missing') return;
  const file = await findFile(storage, path);
  throw file === undefined ? noSuchFile(path) : failure(`${path} is a file, not a folder`);
}

/**
 * What lies in a folder, `.` and `..` first, as S3's pages arrive: one page of 1,000 is in memory.
 *
 * Keys that no SFTP path can name (`a//b`) are left out, and folders that share their name with a file.
 */
export async function* listFolder(
  { s3, home }: Storage,
  path: string,
): AsyncGenerator<FolderEntry> {
  const prefix = folderPrefix(home, path);
  yield { filename: '.', attributes: folderAttributes() };
  yield { filename: '..', attributes: folderAttributes() };
  let continuation: string | undefined;
  let lastFile = '';
  do {
    const page = await s3.send(
      new ListObjectsV2Command({
        Bucket: home.bucket,
        Prefix: prefix,
        Delimiter: '/',
        ...(continuation === undefined ? {} : { ContinuationToken: continuation }),
      }),
    );
    // `name` comes before `name/`, though perhaps as the last of the page before.
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

/** Makes a folder by its marker, an empty object `name/`. */
export async function makeFolder(storage: Storage, path: string): Promise<void> {
  const { s3, home } = storage;
  const marker = folderPrefix(home, path);
  if ((await attributesAt(storage, path)) !== undefined) throw failure(`${path} exists already`);
  await s3.send(new PutObjectCommand({ Bucket: home.bucket, Key: marker, Body: Buffer.alloc(0) }));
}

/** Removes the marker of a folder in which nothing lies. */
export async function removeFolder(storage: Storage, path: string): Promise<void> {
  const { s3, home } = storage;
  const marker = folderPrefix(home, path);
  if (marker === home.prefix) throw failure('/ cannot be removed');
  await assertFolder(storage, path);
  if ((await folderState(storage, path)) === 'filled') throw failure(`${path} is not empty`);
  await s3.send(new DeleteObjectCommand({ Bucket: home.bucket, Key: marker }));
}
