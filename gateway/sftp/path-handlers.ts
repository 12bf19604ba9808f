import { folderAttributes, nameEntry } from '../protocol/attributes.ts';
import type { Context } from './handles.ts';
import { deleteMarker, putMarker, storedPlace } from '../storage/folders.ts';
import { MAX_HANDLE_COUNT } from './handles.ts';
import { deleteObject } from '../storage/objects.ts';
import { resolveIn } from '../storage/paths.ts';
import { rename } from '../transfers/rename.ts';
import {
  failure,
  noSuchFile,
  permissionDenied,
  SftpFailure,
  unsupported,
} from '../protocol/status.ts';
import { MAX_PACKET_BYTES, MAX_READ_BYTES, MAX_WRITE_BYTES, STATUS } from '../protocol/codes.ts';
import { EOF, OK, type NameEntry, type Reply } from '../protocol/replies.ts';
import type { SftpRequest } from '../protocol/requests.ts';

/** Even names of the maximum key length then fit into every client's packet. */
const NAMES_PER_REPLY = 100;
const NAME_BYTES_PER_REPLY = 24 * 1024;

export async function statPath(
  { namespace }: Context,
  { path }: SftpRequest<'stat' | 'lstat'>,
): Promise<Reply> {
  return { reply: 'attributes', attributes: await namespace.attributesAt(path) };
}

/** See `setHandleAttributes`. A stored file keeps its time and size: changing them would be another upload. */
export async function setPathAttributes(
  { namespace }: Context,
  { path, sizeBytes, modifiedAt }: SftpRequest<'setstat'>,
): Promise<Reply> {
  const entry = await namespace.lookup(path).catch((error: unknown) => {
    // A partner may be permitted to store a file and not to look at it.
    if (error instanceof SftpFailure && error.status === STATUS.permissionDenied) return undefined;
    throw error;
  });
  if (entry?.kind === 'missing') throw noSuchFile(path);
  const isMet = (size: number): boolean => {
    if (entry?.kind === 'upload') return entry.upload.setSize(size);
    return entry?.kind === 'file' && entry.file.sizeBytes === size;
  };
  if (sizeBytes !== undefined && !isMet(sizeBytes)) throw unsupported(CANNOT_RESIZE);
  if (modifiedAt !== undefined && entry?.kind === 'upload') entry.upload.setModifiedAt(modifiedAt);
  return OK;
}

export async function realPath(
  { namespace, username }: Context,
  { path }: SftpRequest<'realpath'>,
): Promise<Reply> {
  const absolute = resolveIn(namespace.homes, path);
  const entry = nameEntry(absolute, folderAttributes(), username, Date.now());
  return { reply: 'names', entries: [entry] };
}

export async function openFolder(
  { namespace, handles }: Context,
  { path }: SftpRequest<'opendir'>,
): Promise<Reply> {
  handles.assertRoom();
  await namespace.assertFolder(path);
  const entries = namespace.list(path);
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
  { namespace, storage, audit }: Context,
  { path }: SftpRequest<'mkdir'>,
): Promise<Reply> {
  const startedAt = Date.now();
  const place = storedPlace(namespace, path);
  if ((await namespace.lookup(place.path)).kind !== 'missing')
    throw failure(`${path} exists already`);
  await namespace.admitFolder(place);
  await putMarker(storage.s3, place);
  namespace.folderMade();
  audit.folderMade(place, startedAt);
  return OK;
}

export async function removeDirectory(
  { namespace, storage, audit }: Context,
  { path }: SftpRequest<'rmdir'>,
): Promise<Reply> {
  const startedAt = Date.now();
  const place = storedPlace(namespace, path);
  if (place.isHome) throw permissionDenied(`${place.path} cannot be removed`);
  await namespace.assertFolder(path);
  if ((await namespace.folderState(path)) === 'filled') throw failure(`${path} is not empty`);
  await deleteMarker(storage.s3, place);
  await namespace.folderRemoved(place);
  audit.folderRemoved(place, startedAt);
  return OK;
}

export async function removeFile(
  { namespace, storage, audit }: Context,
  { path }: SftpRequest<'remove'>,
): Promise<Reply> {
  const startedAt = Date.now();
  const entry = await namespace.lookup(path);
  if (entry.kind === 'missing') throw noSuchFile(path);
  if (entry.kind === 'folder') throw failure(`${path} is a folder; use rmdir`);
  const { place } = entry;
  // One that is being closed meanwhile is a stored file then, and is removed as such.
  if (entry.kind === 'upload') await entry.upload.change(() => entry.upload.remove());
  const file = entry.kind === 'file' ? entry.file : await namespace.storedFile(path);
  if (file !== undefined) {
    const outcome = await deleteObject(storage.s3, file);
    if (outcome === 'replaced') throw failure(`${path} was replaced in the meantime`);
    if (outcome === 'missing') throw noSuchFile(path);
    audit.deleted(file, startedAt);
  }
  await namespace.vacated(place);
  return OK;
}

export async function renamePath(
  context: Context,
  { name, from, to }: SftpRequest<'rename' | 'posixRename'>,
): Promise<Reply> {
  const startedAt = Date.now();
  const renamed = await rename(context, from, to, name === 'rename' ? 'refuse' : 'replace');
  if (renamed !== undefined) context.audit.renamed(renamed.from, renamed.to, startedAt);
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
  const limits = [MAX_PACKET_BYTES, MAX_READ_BYTES, MAX_WRITE_BYTES, MAX_HANDLE_COUNT];
  return { reply: 'numbers', values: limits.map(BigInt) };
}

export async function refuse(
  _context: Context,
  { code, message }: SftpRequest<'refused'>,
): Promise<Reply> {
  throw new SftpFailure(code, message);
}

export const CANNOT_RESIZE = 'the size of a file cannot be changed';
