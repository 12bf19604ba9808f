import type { Passage } from '../session/audit/audit.ts';
import type { SessionContext } from '../session/context.ts';
import { Download } from './download/download.ts';
import { filePlace } from '../storage/folders.ts';
import { findFile, folderState, type StoredFile } from '../storage/objects.ts';
import { failure, noSuchFile, SftpFailure } from '../protocol/status.ts';
import type { Beginning } from './upload/resume.ts';
import { MODIFIED_AT, uploadMetadata } from '../storage/target.ts';
import { Upload } from './upload/upload.ts';
import { STATUS } from '../protocol/codes.ts';

export type OpenUpload = {
  readonly kind: 'upload';
  readonly upload: Upload;
  readonly passage: Passage;
  /** Whether a folder has the name. S3 is asked while the bytes come; the answer counts at the end. */
  readonly isFolder: Promise<boolean>;
};

export type OpenDownload = {
  readonly kind: 'download';
  readonly download: Download;
  readonly passage: Passage;
};

/**
 * Opens a file for writing, whatever the protocol.
 *
 * @throws SftpFailure for a path that no file can have
 */
export function beginUpload(
  context: SessionContext,
  path: string,
  existing?: StoredFile,
): OpenUpload {
  const { storage, username, serverId, budget, inHand, audit } = context;
  inHand.assertOpen();
  const startedAt = Date.now();
  const { bucket, key } = filePlace(storage, path);
  if (path.endsWith('/')) throw failure(`${path} is a folder`);
  const target = { bucket, key, metadata: uploadMetadata(username, serverId) };
  const beginning: Beginning =
    existing === undefined ? { from: 'nothing' } : { from: 'object', file: existing };
  const upload = new Upload(storage.s3, target, budget, beginning);
  const passage: Passage = { direction: 'upload', path, bucket, key, startedAt };
  const folderCheck = existing === undefined ? isFolder(context, target) : Promise.resolve(false);
  // Whoever closes the file sees the rejection; until then it must not count as unhandled.
  folderCheck.catch(() => {});
  const open: OpenUpload = { kind: 'upload', upload, passage, isFolder: folderCheck };
  inHand.add(open);
  audit.opened(passage);
  return open;
}

/** A drop box that its partner may not list has no folders to look for. */
async function isFolder(
  { folderNames }: SessionContext,
  { bucket, key }: { readonly bucket: string; readonly key: string },
): Promise<boolean> {
  try {
    return await folderNames.isFolder(bucket, key);
  } catch (error) {
    if (error instanceof SftpFailure && error.status === STATUS.permissionDenied) return false;
    throw error;
  }
}

/** OK means: S3 has the object, whole and verified. @throws when it has not, and nothing is left */
export async function completeUpload(context: SessionContext, open: OpenUpload): Promise<void> {
  const { audit, inHand, folderNames } = context;
  const { upload, passage } = open;
  try {
    if (await open.isFolder) throw failure(`${passage.path} is a folder`);
    const { etag } = await upload.finish();
    await folderNames.stored(passage.bucket, passage.key);
    audit.closed(passage, { bytes: upload.receivedBytes, result: 'whole', etag });
  } catch (error) {
    await upload.abort(error);
    audit.closed(passage, { bytes: upload.receivedBytes, result: 'failed', error });
    throw error;
  } finally {
    inHand.delete(open);
  }
}

/** Leaves nothing behind. Never rejects. */
export async function giveUpUpload(
  { audit, inHand }: SessionContext,
  open: OpenUpload,
  reason: Error,
): Promise<void> {
  const { upload, passage } = open;
  await upload.abort(reason);
  audit.closed(passage, { bytes: upload.receivedBytes, result: 'abandoned', error: reason });
  inHand.delete(open);
}

/** @throws SftpFailure when there is no file at the path */
export async function beginDownload(context: SessionContext, path: string): Promise<OpenDownload> {
  const { storage, streams, inHand, audit } = context;
  inHand.assertOpen();
  const startedAt = Date.now();
  const file = await findFile(storage, path);
  if (file === undefined) {
    const state = await folderState(storage, path);
    throw state === 'missing' ? noSuchFile(path) : failure(`${path} is a folder`);
  }
  const download = new Download(storage.s3, file, streams);
  const { bucket, key, sizeBytes } = file;
  const passage: Passage = { direction: 'download', path, bucket, key, startedAt };
  audit.opened(passage, sizeBytes);
  return { kind: 'download', download, passage };
}

export function endDownload({ audit }: SessionContext, { download, passage }: OpenDownload): void {
  download.close();
  const { sentBytes: bytes, reachedEnd, file } = download;
  audit.closed(passage, { bytes, result: reachedEnd ? 'whole' : 'partial', etag: file.etag });
}

/** Has the file tell this time later; not once S3 was told of it. @param modifiedAt epoch milliseconds */
export function keepModifiedAt({ upload }: OpenUpload, modifiedAt: number): boolean {
  return upload.describe({ [MODIFIED_AT]: String(modifiedAt / 1000) });
}
