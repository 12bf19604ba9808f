import { httpStatusOf } from '../../shared/s3/errors.ts';
import type { SessionContext } from '../session/context.ts';
import type { Entry } from '../session/namespace.ts';
import type { UnfinishedUpload } from '../session/open-uploads.ts';
import { failure, noSuchFile } from '../protocol/status.ts';
import { filePlace, type StoredPlace } from '../storage/folders.ts';
import { deleteObject, type StoredFile } from '../storage/objects.ts';
import { namesFolder, resolveIn } from '../storage/paths.ts';
import type { WriteCondition } from '../storage/write-condition.ts';
import { copyFile } from './copy-file.ts';
import { renameFolder } from './rename-folder.ts';

type Renamed = { readonly from: StoredPlace; readonly to: StoredPlace };

/** What to do when the new name is taken: SSH_FXP_RENAME refuses, posix-rename replaces. */
export type RenameMode = 'refuse' | 'replace';

/**
 * Renames a file, stored or being uploaded by this session, or a folder.
 *
 * S3 cannot rename: a stored file is copied, then its old name is deleted, unless another file has taken it
 * by then. After a crash in between, the file has both names. Of several renames of one file to free names
 * one succeeds.
 *
 * @returns undefined when nothing needed to be done
 */
export async function rename(
  context: SessionContext,
  from: string,
  to: string,
  mode: RenameMode,
): Promise<Renamed | undefined> {
  const { namespace } = context;
  for (;;) {
    const source = await namespace.lookup(from);
    if (source.kind === 'missing') throw noSuchFile(from);
    if (resolveIn(namespace.homes, from) === resolveIn(namespace.homes, to)) {
      if (mode === 'refuse') throw failure(`target exists: ${to}`);
      return undefined;
    }
    if (source.kind === 'folder') return renameFolder(context, from, to, mode);
    const target = await fileTarget(context, to, mode);
    if (source.kind === 'file') {
      await renameStored(context, source, target, mode);
      await dropReplaced(target);
      return { from: source.place, to: target.place };
    }
    const { upload, place } = source;
    const isDone = await upload.change(() => renameUpload(context, upload, from, target, mode));
    if (isDone) return { from: place, to: target.place };
    // It was being closed, and is a stored file now.
  }
}

type Target = { readonly place: StoredPlace; readonly entry: Entry };

/** @throws SftpFailure when no file can be renamed to this */
async function fileTarget(
  { namespace }: SessionContext,
  to: string,
  mode: RenameMode,
): Promise<Target> {
  const place = filePlace(namespace, to);
  const entry = await namespace.lookup(to);
  if (entry.kind === 'folder') throw failure(`${to} is a folder`);
  if (entry.kind !== 'missing' && mode === 'refuse') throw failure(`target exists: ${to}`);
  if (namesFolder(to)) throw noSuchFile(to);
  if (entry.kind === 'missing') await (await namespace.admitFile(place)).rest;
  return { place, entry };
}

/** What the new name must be in S3. undefined: whatever is there is replaced. */
function conditionFor({ entry }: Target, mode: RenameMode): WriteCondition | undefined {
  return mode === 'refuse' || entry.kind === 'missing' ? { kind: 'absent' } : undefined;
}

/** @returns the copy */
async function renameStored(
  { storage: { s3 }, namespace }: SessionContext,
  { file, place }: { readonly file: StoredFile; readonly place: StoredPlace },
  target: Target,
  mode: RenameMode,
): Promise<StoredFile> {
  const to = target.place;
  let condition = conditionFor(target, mode);
  let etag: string | undefined;
  try {
    etag = await copyFile(s3, file, to, condition);
  } catch (error) {
    if (httpStatusOf(error) !== 412 || condition === undefined) throw error;
    if (mode === 'refuse') throw failure(`target exists: ${to.path}`, { cause: error });
    // Another client has stored a file there since we looked; this rename replaces it.
    condition = undefined;
    etag = await copyFile(s3, file, to, condition);
  }
  const outcome = await deleteObject(s3, file);
  if (outcome === 'missing' && condition !== undefined) {
    // Another rename or removal came first.
    await deleteObject(s3, { bucket: to.bucket, key: to.key, etag });
    throw noSuchFile(place.path);
  }
  await namespace.vacated(place);
  await namespace.stored(to);
  return { ...file, bucket: to.bucket, key: to.key, etag, versionId: undefined };
}

/**
 * The upload goes on under the new name. What it continues is moved there; what it replaces is removed,
 * as if it had been overwritten already.
 */
async function renameUpload(
  context: SessionContext,
  upload: UnfinishedUpload,
  from: string,
  target: Target,
  mode: RenameMode,
): Promise<void> {
  const { namespace, storage } = context;
  const place = filePlace(namespace, from);
  const file = await namespace.storedFile(from);
  const isMoved = file !== undefined && (upload.isAsStored || upload.continuesStored);
  const moved = isMoved ? await renameStored(context, { file, place }, target, mode) : undefined;
  if (file !== undefined && !isMoved) await deleteObject(storage.s3, file);
  await dropReplaced(target);
  const isFree = target.entry.kind === 'missing' || mode === 'refuse';
  upload.moveTo(target.place, isFree ? { kind: 'absent' } : undefined, moved);
  await namespace.vacated(place);
}

/** An upload of this session that had the new name has none any more. */
async function dropReplaced({ entry }: Target): Promise<void> {
  if (entry.kind !== 'upload') return;
  const { upload } = entry;
  await upload.change(() => upload.remove());
}
