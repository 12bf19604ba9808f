import type { Transfer } from '../session/audit/audit.ts';
import type { SessionContext } from '../session/context.ts';
import type { Namespace } from '../session/namespace.ts';
import { Download } from './download/download.ts';
import { filePlace } from '../storage/folders.ts';
import type { StoredFile } from '../storage/objects.ts';
import { namesFolder } from '../storage/paths.ts';
import { failure, noSuchFile } from '../protocol/status.ts';
import type { WriteCondition } from '../storage/write-condition.ts';
import { OpenUpload } from './open-upload.ts';
import { uploadMetadata } from '../storage/target.ts';
import { Upload } from './upload/upload.ts';

export type OpenDownload = {
  readonly kind: 'download';
  readonly download: Download;
  readonly transfer: Transfer;
};

export type UploadBeginning = {
  /** The file to continue or to replace in place, for a file opened without truncation. */
  readonly existing?: StoredFile | undefined;
  /** Every write goes to the end, whatever its offset. */
  readonly appends?: boolean;
  /** What must hold when the file is stored. */
  readonly condition?: WriteCondition | undefined;
};

/**
 * Opens a file for writing, over SFTP or SCP.
 *
 * @throws SftpFailure in words for the user, for a file that could not be stored or delivered
 */
export async function beginUpload(
  context: SessionContext,
  path: string,
  { existing, appends = false, condition }: UploadBeginning = {},
): Promise<OpenUpload> {
  const { storage, namespace, username, serverId, budget, openUploads } = context;
  openUploads.assertOpen();
  const place = filePlace(storage, path);
  const { rest } =
    existing === undefined ? await namespace.admitFile(place) : { rest: Promise.resolve() };
  if (namesFolder(path)) throw failure(`${path} is a folder`);
  // The server may have begun to stop in the meantime.
  openUploads.assertOpen();
  const { bucket, key } = place;
  const target = { bucket, key, metadata: uploadMetadata(username, serverId), condition };
  const start =
    existing === undefined
      ? ({ from: 'nothing' } as const)
      : ({ from: 'object', file: existing } as const);
  return new OpenUpload(
    context,
    new Upload(storage.s3, target, budget, { start, appends }),
    path,
    place,
    rest,
  );
}

/** @throws SftpFailure when there is no file at the path, or one that this session is still uploading */
export async function beginDownload(context: SessionContext, path: string): Promise<OpenDownload> {
  const { storage, namespace, streams, openUploads, audit } = context;
  openUploads.assertOpen();
  const startedAt = Date.now();
  const file = await readableFile(namespace, path);
  const download = new Download(storage.s3, file, streams);
  const { bucket, key, sizeBytes } = file;
  const transfer: Transfer = { direction: 'download', path, bucket, key, startedAt };
  audit.opened(transfer, sizeBytes);
  return { kind: 'download', download, transfer };
}

async function readableFile(namespace: Namespace, path: string): Promise<StoredFile> {
  const entry = await namespace.lookup(path);
  if (entry.kind === 'folder') throw failure(`${path} is a folder`);
  if (entry.kind === 'missing') throw noSuchFile(path);
  if (entry.kind === 'file') return entry.file;
  const stored = entry.upload.isAsStored ? await namespace.storedFile(path) : undefined;
  if (stored !== undefined) return stored;
  throw failure(`${path} is being uploaded by this session; it can be read once it is closed`);
}

export function endDownload({ audit }: SessionContext, { download, transfer }: OpenDownload): void {
  download.close();
  const { sentBytes: bytes, reachedEnd, file } = download;
  audit.closed(transfer, { bytes, result: reachedEnd ? 'whole' : 'partial', etag: file.etag });
}
