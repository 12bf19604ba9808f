import { assertNever } from '../../shared/platform/assert-never.ts';
import { fileAttributes, folderAttributes } from '../protocol/attributes.ts';
import type { Context } from './handles.ts';
import { endDownload } from '../transfers/transfers.ts';
import { failure, unsupported } from '../protocol/status.ts';
import { MAX_READ_BYTES } from '../protocol/codes.ts';
import { CANNOT_RESIZE } from './path-handlers.ts';
import { dataPacket, EOF, OK, type Attributes, type Reply } from '../protocol/replies.ts';
import type { SftpRequest } from '../protocol/requests.ts';

export async function readFile(
  { handles }: Context,
  { handle, offset, lengthBytes }: SftpRequest<'read'>,
): Promise<Reply> {
  const open = handles.get(handle);
  if (open.kind !== 'download') throw failure('the handle is not open for reading');
  const wantedBytes = Math.min(lengthBytes, MAX_READ_BYTES);
  const availableBytes = open.download.availableBytes(offset, wantedBytes);
  if (availableBytes === 0) return EOF;
  const { packet, body } = dataPacket(availableBytes);
  await open.download.read(offset, body);
  return { reply: 'data', packet };
}

export async function writeFile(
  { handles }: Context,
  { handle, offset, data }: SftpRequest<'write'>,
): Promise<Reply> {
  const open = handles.get(handle);
  if (open.kind !== 'upload') throw failure('the handle is not open for writing');
  await open.write(offset, data);
  return OK;
}

/** For an upload, OK means that S3 has the complete object and verified its checksum. */
export async function closeHandle(
  context: Context,
  { handle }: SftpRequest<'close'>,
): Promise<Reply> {
  const open = context.handles.take(handle);
  switch (open.kind) {
    case 'upload':
      await open.complete();
      return OK;
    case 'download':
      endDownload(context, open);
      return OK;
    case 'listing':
      await open.entries.return();
      return OK;
    default:
      return assertNever(open);
  }
}

/** Closes all open handles and aborts their uploads. Never rejects. */
export async function abandonHandles(context: Context, reason: Error): Promise<void> {
  const uploads: Promise<void>[] = [];
  for (const open of context.handles.takeAll()) {
    if (open.kind === 'upload') uploads.push(open.abandon(reason));
    else if (open.kind === 'download') endDownload(context, open);
  }
  await Promise.all(uploads);
}

export async function statHandle(
  { handles }: Context,
  { handle }: SftpRequest<'fstat'>,
): Promise<Reply> {
  return { reply: 'attributes', attributes: attributesOf(handles.get(handle)) };
}

function attributesOf(open: ReturnType<Context['handles']['get']>): Attributes {
  switch (open.kind) {
    case 'upload':
      return fileAttributes(open.sizeBytes, Date.now());
    case 'download':
      return fileAttributes(open.download.file.sizeBytes, open.download.file.modifiedAt);
    case 'listing':
      return folderAttributes();
    default:
      return assertNever(open);
  }
}

/**
 * Answers OK, because clients set times, modes and owners after an upload and must not fail. A time is kept
 * if the object has not been created in S3 yet, as with every file of one part; modes and owners are not.
 */
export async function setHandleAttributes(
  { handles }: Context,
  { handle, sizeBytes, modifiedAt }: SftpRequest<'fsetstat'>,
): Promise<Reply> {
  const open = handles.get(handle);
  const accepts = (size: number) => open.kind === 'upload' && open.setSize(size);
  if (sizeBytes !== undefined && !accepts(sizeBytes)) {
    throw unsupported(CANNOT_RESIZE);
  }
  if (open.kind === 'upload' && modifiedAt !== undefined) open.setModifiedAt(modifiedAt);
  return OK;
}

/** Does nothing: bytes are stored only when CLOSE is answered. */
export async function syncHandle(
  { handles }: Context,
  { handle }: SftpRequest<'fsync'>,
): Promise<Reply> {
  handles.get(handle);
  return OK;
}
