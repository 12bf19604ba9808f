import type { Transfer } from '../session/audit/audit.ts';
import type { SessionContext } from '../session/context.ts';
import { Download } from './download/download.ts';
import { filePlace } from '../storage/folders.ts';
import { findFile, folderState, type StoredFile } from '../storage/objects.ts';
import { failure, noSuchFile, SftpFailure } from '../protocol/status.ts';
import type { UploadStart } from './upload/resume.ts';
import { MODIFIED_AT, uploadMetadata } from '../storage/target.ts';
import { Upload } from './upload/upload.ts';
import { STATUS } from '../protocol/codes.ts';

export type OpenUpload = {
  readonly kind: 'upload';
  readonly upload: Upload;
  readonly transfer: Transfer;
  /** Whether a folder has the name. Checked while the bytes arrive, needed when the upload completes. */
  readonly isFolder: Promise<boolean>;
};

export type OpenDownload = {
  readonly kind: 'download';
  readonly download: Download;
  readonly transfer: Transfer;
};

/**
 * Opens a file for writing, over SFTP or SCP.
 *
 * @param existing the file to continue or replace, for a file opened without truncation
 * @throws SftpFailure for a path that no file can have
 */
export function beginUpload(
  context: SessionContext,
  path: string,
  existing?: StoredFile,
): OpenUpload {
  const { storage, username, serverId, budget, openUploads, audit } = context;
  openUploads.assertOpen();
  const startedAt = Date.now();
  const { bucket, key } = filePlace(storage, path);
  if (path.endsWith('/')) throw failure(`${path} is a folder`);
  const target = { bucket, key, metadata: uploadMetadata(username, serverId) };
  const start: UploadStart =
    existing === undefined ? { from: 'nothing' } : { from: 'object', file: existing };
  const upload = new Upload(storage.s3, target, budget, start);
  const transfer: Transfer = { direction: 'upload', path, bucket, key, startedAt };
  const folderCheck = existing === undefined ? isFolder(context, target) : Promise.resolve(false);
  // `completeUpload` handles the rejection; until then it must not count as unhandled.
  folderCheck.catch(() => {});
  const open: OpenUpload = { kind: 'upload', upload, transfer, isFolder: folderCheck };
  openUploads.add(open);
  audit.opened(transfer);
  return open;
}

/** false where the partner may not list, as in a drop box. */
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

/** Resolves when S3 has the complete, verified object. @throws when nothing was stored */
export async function completeUpload(context: SessionContext, open: OpenUpload): Promise<void> {
  const { audit, openUploads, folderNames } = context;
  const { upload, transfer } = open;
  try {
    if (await open.isFolder) throw failure(`${transfer.path} is a folder`);
    const { etag } = await upload.finish();
    await folderNames.addStored(transfer.bucket, transfer.key);
    audit.closed(transfer, { bytes: upload.receivedBytes, result: 'whole', etag });
  } catch (error) {
    await upload.abort(error);
    audit.closed(transfer, { bytes: upload.receivedBytes, result: 'failed', error });
    throw error;
  } finally {
    openUploads.delete(open);
  }
}

/** Aborts the upload; no object and no parts remain. Never rejects. */
export async function abandonUpload(
  { audit, openUploads }: SessionContext,
  open: OpenUpload,
  reason: Error,
): Promise<void> {
  const { upload, transfer } = open;
  await upload.abort(reason);
  audit.closed(transfer, { bytes: upload.receivedBytes, result: 'abandoned', error: reason });
  openUploads.delete(open);
}

/** @throws SftpFailure when there is no file at the path */
export async function beginDownload(context: SessionContext, path: string): Promise<OpenDownload> {
  const { storage, streams, openUploads, audit } = context;
  openUploads.assertOpen();
  const startedAt = Date.now();
  const file = await findFile(storage, path);
  if (file === undefined) {
    const state = await folderState(storage, path);
    throw state === 'missing' ? noSuchFile(path) : failure(`${path} is a folder`);
  }
  const download = new Download(storage.s3, file, streams);
  const { bucket, key, sizeBytes } = file;
  const transfer: Transfer = { direction: 'download', path, bucket, key, startedAt };
  audit.opened(transfer, sizeBytes);
  return { kind: 'download', download, transfer };
}

export function endDownload({ audit }: SessionContext, { download, transfer }: OpenDownload): void {
  download.close();
  const { sentBytes: bytes, reachedEnd, file } = download;
  audit.closed(transfer, { bytes, result: reachedEnd ? 'whole' : 'partial', etag: file.etag });
}

/** @param modifiedAt epoch milliseconds @returns false when the object has been created in S3 already */
export function setModifiedAt({ upload }: OpenUpload, modifiedAt: number): boolean {
  return upload.addMetadata({ [MODIFIED_AT]: String(modifiedAt / 1000) });
}
