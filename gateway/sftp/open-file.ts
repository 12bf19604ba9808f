import type { Context } from './handles.ts';
import { findFile } from '../storage/objects.ts';
import { beginDownload, beginUpload, setModifiedAt } from '../transfers/transfers.ts';
import { failure, noSuchFile } from '../protocol/status.ts';
import { OPEN_FLAG } from '../protocol/codes.ts';
import type { Reply } from '../protocol/replies.ts';
import type { SftpRequest } from '../protocol/requests.ts';

/**
 * Files are read, replaced as a whole, or continued at their end, since S3 objects cannot be changed.
 * Clients that resume open a file without truncating it, with or without the append flag, and so does
 * `scp` when it replaces one; the first write tells the two apart, see `Upload`.
 *
 * A file opened for reading and writing is opened for writing: Go's `sftp.Create` asks for both and never reads.
 */
export async function openFile(context: Context, request: SftpRequest<'open'>): Promise<Reply> {
  const { path, flags, modifiedAt } = request;
  const { storage, handles } = context;
  const wants = (flag: keyof typeof OPEN_FLAG) => (flags & OPEN_FLAG[flag]) !== 0;
  handles.assertRoom();
  if (!wants('write') && !wants('append')) {
    return { reply: 'handle', handle: handles.add(await beginDownload(context, path)) };
  }
  const existing = needsExisting(flags) ? await findFile(storage, path) : undefined;
  if (existing === undefined && !wants('create')) throw noSuchFile(path);
  if (existing !== undefined && wants('exclusive')) throw failure(`${path} exists already`);
  const open = beginUpload(context, path, wants('truncate') ? undefined : existing);
  if (modifiedAt !== undefined) setModifiedAt(open, modifiedAt);
  return { reply: 'handle', handle: handles.add(open) };
}

/** The usual "create or replace" does not: it saves a round trip for each small file. */
function needsExisting(flags: number): boolean {
  const { create, truncate, exclusive } = OPEN_FLAG;
  return (flags & (create | truncate | exclusive)) !== (create | truncate);
}
