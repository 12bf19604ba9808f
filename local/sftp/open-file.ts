import type { Context } from './context.ts';
import { Download } from './download/download.ts';
import { findFile, folderState } from './objects.ts';
import { fileKey } from './paths.ts';
import { failure, noSuchFile, unsupported } from './status.ts';
import { uploadMetadata } from './upload/target.ts';
import { Upload } from './upload/upload.ts';
import { OPEN_FLAG } from './wire/codes.ts';
import type { Reply } from './wire/replies.ts';
import type { SftpRequest } from './wire/requests.ts';

/**
 * Files are read, or written anew from the first byte: S3 has no changing of what is there.
 *
 * Reading and writing together is taken as writing when the file starts empty: Go's `sftp.Create` asks
 * for both and never reads.
 */
export async function openFile(context: Context, request: SftpRequest<'open'>): Promise<Reply> {
  const wants = (flag: keyof typeof OPEN_FLAG) => (request.flags & OPEN_FLAG[flag]) !== 0;
  if (wants('append')) throw unsupported('files cannot be appended to; upload the whole file');
  if (!wants('write')) return openDownload(context, request.path);

  const existing = needsExisting(request.flags)
    ? await findFile(context.storage, request.path)
    : undefined;
  if (existing === undefined && !wants('create')) throw noSuchFile(request.path);
  if (existing !== undefined && wants('exclusive')) throw failure(`${request.path} exists already`);
  if (existing !== undefined && !wants('truncate')) {
    throw unsupported('uploads cannot be resumed or changed in place; upload the whole file');
  }
  return openUpload(context, request.path);
}

/** The usual "create or replace" need not look: one round trip less for each small file. */
function needsExisting(flags: number): boolean {
  const { create, truncate, exclusive } = OPEN_FLAG;
  return (flags & (create | truncate | exclusive)) !== (create | truncate);
}

async function openUpload(context: Context, path: string): Promise<Reply> {
  const { storage, handles, username, serverId, log } = context;
  const key = fileKey(storage.home, path);
  if (path.endsWith('/') || (await folderState(storage, path)) !== 'missing') {
    throw failure(`${path} is a folder`);
  }
  const upload = new Upload(storage.s3, {
    bucket: storage.home.bucket,
    key,
    metadata: uploadMetadata(username, serverId),
  });
  const handle = handles.add({ kind: 'upload', upload });
  log('sftp upload started', { key });
  return { reply: 'handle', handle };
}

async function openDownload({ storage, handles, log }: Context, path: string): Promise<Reply> {
  const file = await findFile(storage, path);
  if (file === undefined) {
    const state = await folderState(storage, path);
    throw state === 'missing' ? noSuchFile(path) : failure(`${path} is a folder`);
  }
  const download = new Download(storage.s3, storage.home.bucket, file);
  const handle = handles.add({ kind: 'download', download });
  log('sftp download started', { key: file.key, sizeBytes: file.sizeBytes });
  return { reply: 'handle', handle };
}
