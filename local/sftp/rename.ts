import { CopyObjectCommand, DeleteObjectCommand } from '@aws-sdk/client-s3';
import { copySource } from './copy-source.ts';
import { makeFolder } from './folders.ts';
import { copyInParts, LARGEST_COPY_BYTES } from './multipart-copy.ts';
import { attributesAt, findFile, folderState, type Storage, type StoredFile } from './objects.ts';
import { fileKey, folderPrefix, resolvePath } from './paths.ts';
import { failure, noSuchFile, unsupported } from './status.ts';

/**
 * Gives a file another name: a copy inside S3, then the removal of the old key. Cut off in between, the
 * file has both names and none is lost.
 *
 * @param mode what to do when the new name is taken: SSH_FXP_RENAME refuses, posix-rename replaces
 */
export async function rename(
  storage: Storage,
  from: string,
  to: string,
  mode: 'refuse' | 'replace',
): Promise<void> {
  const file = await findFile(storage, from);
  if (file === undefined) return renameFolder(storage, from, to);
  if (resolvePath(from) === resolvePath(to)) return;
  const { s3, home } = storage;
  const key = fileKey(home, to);
  if ((await folderState(storage, to)) !== 'missing') throw failure(`${to} is a folder`);
  if (mode === 'refuse' && (await findFile(storage, to)) !== undefined) {
    throw failure(`target exists: ${to}`);
  }
  await copyFile(storage, file, key);
  await s3.send(new DeleteObjectCommand({ Bucket: home.bucket, Key: file.key }));
}

async function copyFile(storage: Storage, file: StoredFile, key: string): Promise<void> {
  if (file.sizeBytes > LARGEST_COPY_BYTES) return copyInParts(storage, file, key);
  const { s3, home } = storage;
  await s3.send(
    new CopyObjectCommand({
      Bucket: home.bucket,
      Key: key,
      CopySource: copySource(home.bucket, file),
      ...(file.etag === undefined ? {} : { CopySourceIfMatch: file.etag }),
    }),
  );
}

/** Only an empty folder: to move a tree, S3 would have to copy every object in it, one after the other. */
async function renameFolder(storage: Storage, from: string, to: string): Promise<void> {
  const { s3, home } = storage;
  const state = await folderState(storage, from);
  if (state === 'missing') throw noSuchFile(from);
  if (state === 'filled' || resolvePath(from) === '/') {
    throw unsupported('folders cannot be renamed unless they are empty');
  }
  if (resolvePath(from) === resolvePath(to)) return;
  if ((await attributesAt(storage, to)) !== undefined) throw failure(`target exists: ${to}`);
  await makeFolder(storage, to);
  await s3.send(new DeleteObjectCommand({ Bucket: home.bucket, Key: folderPrefix(home, from) }));
}
