import { CopyObjectCommand, DeleteObjectCommand } from '@aws-sdk/client-s3';
import { encodeCopySource } from '../../shared/s3/copy-source.ts';
import { MAX_COPY_BYTES } from '../../shared/s3/part-ranges.ts';
import {
  filePlace,
  makeFolder,
  removeFolder,
  storedPlace,
  type StoredPlace,
} from '../storage/folders.ts';
import {
  attributesAt,
  findFile,
  folderState,
  type Storage,
  type StoredFile,
} from '../storage/objects.ts';
import { resolveIn } from '../storage/paths.ts';
import { failure, noSuchFile, permissionDenied, unsupported } from '../protocol/status.ts';
import { crc32Base64 } from '../storage/crc32.ts';
import { MultipartObject } from './upload/multipart-object.ts';
import { copyAsParts } from './upload/resume.ts';

type Renamed = { readonly from: StoredPlace; readonly to: StoredPlace };

/**
 * Renames a file: copies it inside S3, then deletes the old key. After a crash in between, the file has
 * both names.
 *
 * @param mode what to do when the new name is taken: SSH_FXP_RENAME refuses, posix-rename replaces
 * @returns undefined when nothing needed to be done
 */
export async function rename(
  storage: Storage,
  from: string,
  to: string,
  mode: 'refuse' | 'replace',
): Promise<Renamed | undefined> {
  const file = await findFile(storage, from);
  if (file === undefined) return renameFolder(storage, from, to);
  if (isSamePath(storage, from, to)) return undefined;
  const target = filePlace(storage, to);
  if ((await folderState(storage, to)) !== 'missing') throw failure(`${to} is a folder`);
  if (mode === 'refuse' && (await findFile(storage, to)) !== undefined) {
    throw failure(`target exists: ${to}`);
  }
  await copyFile(storage, file, target);
  await storage.s3.send(new DeleteObjectCommand({ Bucket: file.bucket, Key: file.key }));
  return { from: filePlace(storage, from), to: target };
}

async function copyFile(storage: Storage, file: StoredFile, to: StoredPlace): Promise<void> {
  if (file.sizeBytes > MAX_COPY_BYTES) return copyInParts(storage, file, to);
  await storage.s3.send(
    new CopyObjectCommand({
      Bucket: to.bucket,
      Key: to.key,
      CopySource: encodeCopySource(file),
      ...(file.etag === undefined ? {} : { CopySourceIfMatch: file.etag }),
    }),
  );
}

/** Copies an object of any size with its metadata inside S3, completely or not at all. */
export async function copyInParts(
  { s3 }: Storage,
  file: StoredFile,
  to: { readonly bucket: string; readonly key: string },
  partBytes = MAX_COPY_BYTES,
): Promise<void> {
  const { bucket, key } = to;
  const target = { bucket, key, metadata: file.metadata };
  const object = new MultipartObject(s3, target, new AbortController().signal);
  try {
    await copyAsParts(object, file, partBytes);
    await object.complete(file.crc32 === undefined ? undefined : crc32Base64(file.crc32));
  } catch (error) {
    await object.abort();
    throw error;
  }
}

/** Renames an empty folder. Others are refused, because every object in them would have to be copied. */
async function renameFolder(
  storage: Storage,
  from: string,
  to: string,
): Promise<Renamed | undefined> {
  const attributes = await attributesAt(storage, from);
  if (attributes === undefined) throw noSuchFile(from);
  if (storedPlace(storage, from).isHome) throw permissionDenied(`${from} cannot be renamed`);
  if ((await folderState(storage, from)) === 'filled') {
    throw unsupported('folders cannot be renamed unless they are empty');
  }
  if (isSamePath(storage, from, to)) return undefined;
  if ((await attributesAt(storage, to)) !== undefined) throw failure(`target exists: ${to}`);
  return { to: await makeFolder(storage, to), from: await removeFolder(storage, from) };
}

function isSamePath({ homes }: Storage, from: string, to: string): boolean {
  return resolveIn(homes, from) === resolveIn(homes, to);
}
