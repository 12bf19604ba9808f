import type { Context } from './handles.ts';
import { beginDownload, beginUpload, type UploadBeginning } from '../transfers/transfers.ts';
import { failure, noSuchFile } from '../protocol/status.ts';
import { OPEN_FLAG } from '../protocol/codes.ts';
import type { Reply } from '../protocol/replies.ts';
import type { SftpRequest } from '../protocol/requests.ts';

/**
 * Files are read, replaced as a whole, or continued at their end, since S3 objects cannot be changed.
 * Clients that resume open a file without truncating it, and so does `scp` when it replaces one; the first
 * write tells the two apart, see `Upload`.
 *
 * A file opened for reading and writing is opened for writing: Go's `sftp.Create` asks for both and never reads.
 */
export async function openFile(context: Context, request: SftpRequest<'open'>): Promise<Reply> {
  const { path, flags, modifiedAt } = request;
  const { handles } = context;
  handles.assertRoom();
  if (!has(flags, 'write') && !has(flags, 'append')) {
    return { reply: 'handle', handle: handles.add(await beginDownload(context, path)) };
  }
  const open = await beginUpload(context, path, await beginning(context, path, flags));
  if (modifiedAt !== undefined) open.setModifiedAt(modifiedAt);
  return { reply: 'handle', handle: handles.add(open) };
}

async function beginning(
  { namespace }: Context,
  path: string,
  flags: number,
): Promise<UploadBeginning> {
  const appends = has(flags, 'append');
  // The usual "create or replace" looks at nothing, which saves a round trip for each small file.
  if (has(flags, 'create') && has(flags, 'truncate') && !has(flags, 'exclusive')) {
    return { appends };
  }
  const entry = await namespace.lookup(path);
  if (entry.kind === 'folder') throw failure(`${path} is a folder`);
  if (entry.kind === 'missing') {
    if (!has(flags, 'create')) throw noSuchFile(path);
    // Another client may create it meanwhile, which neither of these may replace.
    const isNew = has(flags, 'exclusive') || appends;
    return { appends, condition: isNew ? { kind: 'absent' } : undefined };
  }
  if (has(flags, 'create') && has(flags, 'exclusive')) throw failure(`${path} exists already`);
  if (has(flags, 'truncate')) return { appends };
  if (entry.kind === 'file') return { appends, existing: entry.file };
  if (appends && !entry.upload.isAsStored) {
    throw failure(
      `${path} is being uploaded by this session; it can be continued when it is closed`,
    );
  }
  // Two handles of one file are two uploads: the one that is closed last is the file.
  return { appends, existing: await namespace.storedFile(path) };
}

function has(flags: number, flag: keyof typeof OPEN_FLAG): boolean {
  return (flags & OPEN_FLAG[flag]) !== 0;
}
