import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { folderAttributes, nameEntry } from '../protocol/attributes.ts';
import type { Context } from './handles.ts';
import { assertFolder, listFolder, makeFolder, removeFolder } from '../storage/folders.ts';
import { MAX_HANDLE_COUNT } from './handles.ts';
import { attributesAt, findFile, folderState } from '../storage/objects.ts';
import { locate, resolveIn } from '../storage/paths.ts';
import { rename } from '../transfers/rename.ts';
import { failure, noSuchFile, SftpFailure, unsupported } from '../protocol/status.ts';
import { MAX_PACKET_BYTES, MAX_TRANSFER_BYTES } from '../protocol/codes.ts';
import { EOF, OK, type NameEntry, type Reply } from '../protocol/replies.ts';
import type { SftpRequest } from '../protocol/requests.ts';

/** Even names of the maximum key length then fit into every client's packet. */
const NAMES_PER_REPLY = 100;
const NAME_BYTES_PER_REPLY = 24 * 1024;

export async function statPath(
  { storage }: Context,
  { path }: SftpRequest<'stat' | 'lstat'>,
): Promise<Reply> {
  const attributes = await attributesAt(storage, path);
  if (attributes === undefined) throw noSuchFile(path);
  return { reply: 'attributes', attributes };
}

/** See `setHandleAttributes`. Here the object exists, so changing it would be another upload. */
export async function setPathAttributes(
  { storage }: Context,
  { path, sizeBytes }: SftpRequest<'setstat'>,
): Promise<Reply> {
  locate(storage.homes, path);
  if (sizeBytes !== undefined) throw unsupported('the size of a file cannot be changed');
  return OK;
}

export async function realPath(
  { storage, username }: Context,
  { path }: SftpRequest<'realpath'>,
): Promise<Reply> {
  const entry = nameEntry(resolveIn(storage.homes, path), folderAttributes(), username, Date.now());
  return { reply: 'names', entries: [entry] };
}

export async function openFolder(
  { storage, handles }: Context,
  { path }: SftpRequest<'opendir'>,
): Promise<Reply> {
  handles.assertRoom();
  await assertFolder(storage, path);
  const entries = listFolder(storage, path);
  return { reply: 'handle', handle: handles.add({ kind: 'listing', entries }) };
}

export async function readFolder(
  { handles, username }: Context,
  { handle }: SftpRequest<'readdir'>,
): Promise<Reply> {
  const open = handles.get(handle);
  if (open.kind !== 'listing') throw failure('the handle is not an open folder');
  const nowMs = Date.now();
  const entries: NameEntry[] = [];
  let nameBytes = 0;
  while (entries.length < NAMES_PER_REPLY && nameBytes < NAME_BYTES_PER_REPLY) {
    const next = await open.entries.next();
    if (next.done === true) break;
    const { filename, attributes } = next.value;
    entries.push(nameEntry(filename, attributes, username, nowMs));
    // Each name is sent twice, alone and in its `ls -l` line.
    nameBytes += 2 * Buffer.byteLength(filename);
  }
  return entries.length === 0 ? EOF : { reply: 'names', entries };
}

export async function makeDirectory(
  { storage, audit, folderNames }: Context,
  { path }: SftpRequest<'mkdir'>,
): Promise<Reply> {
  const startedAt = Date.now();
  folderNames.clear();
  audit.folderMade(await makeFolder(storage, path), startedAt);
  return OK;
}

export async function removeDirectory(
  { storage, audit, folderNames }: Context,
  { path }: SftpRequest<'rmdir'>,
): Promise<Reply> {
  const startedAt = Date.now();
  folderNames.clear();
  audit.folderRemoved(await removeFolder(storage, path), startedAt);
  return OK;
}

export async function removeFile(
  { storage, audit, folderNames }: Context,
  { path }: SftpRequest<'remove'>,
): Promise<Reply> {
  const startedAt = Date.now();
  folderNames.clear();
  const file = await findFile(storage, path);
  if (file === undefined) {
    const state = await folderState(storage, path);
    throw state === 'missing' ? noSuchFile(path) : failure(`${path} is a folder; use rmdir`);
  }
  await storage.s3.send(new DeleteObjectCommand({ Bucket: file.bucket, Key: file.key }));
  audit.deleted(file, startedAt);
  return OK;
}

export async function renamePath(
  { storage, audit, folderNames }: Context,
  { name, from, to }: SftpRequest<'rename' | 'posixRename'>,
): Promise<Reply> {
  const startedAt = Date.now();
  folderNames.clear();
  const renamed = await rename(storage, from, to, name === 'rename' ? 'refuse' : 'replace');
  if (renamed !== undefined) audit.renamed(renamed.from, renamed.to, startedAt);
  return OK;
}

/** A bucket has no size. Reports a petabyte, for clients that check for free space before an upload. */
export async function statFileSystem(): Promise<Reply> {
  const blockBytes = 4096n;
  const blocks = 1024n ** 5n / blockBytes;
  const files = 2n ** 32n;
  const longestName = 1024n;
  return {
    reply: 'numbers',
    // f_bsize, f_frsize, f_blocks, f_bfree, f_bavail, f_files, f_ffree, f_favail, f_fsid, f_flag, f_namemax
    values: [
      blockBytes,
      blockBytes,
      blocks,
      blocks,
      blocks,
      files,
      files,
      files,
      0n,
      0n,
      longestName,
    ],
  };
}

export async function reportLimits(): Promise<Reply> {
  const limits = [MAX_PACKET_BYTES, MAX_TRANSFER_BYTES, MAX_TRANSFER_BYTES, MAX_HANDLE_COUNT];
  return { reply: 'numbers', values: limits.map(BigInt) };
}

export async function refuse(
  _context: Context,
  { code, message }: SftpRequest<'refused'>,
): Promise<Reply> {
  throw new SftpFailure(code, message);
}
