import { assertNever } from '../../shared/platform/assert-never.ts';
import { fileAttributes, folderAttributes } from './attributes.ts';
import type { Context } from './context.ts';
import { failure, unsupported } from './status.ts';
import { MAX_TRANSFER_BYTES } from './wire/codes.ts';
import { dataPacket, EOF, OK, type Reply } from './wire/replies.ts';
import type { SftpRequest } from './wire/requests.ts';

export async function readFile(
  { handles }: Context,
  { handle, offset, lengthBytes }: SftpRequest<'read'>,
): Promise<Reply> {
  const open = handles.get(handle);
  if (open.kind !== 'download') throw failure('the handle is not open for reading');
  const wantedBytes = Math.min(lengthBytes, MAX_TRANSFER_BYTES);
  const availableBytes = open.download.available(offset, wantedBytes);
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
  await open.upload.write(offset, data);
  return OK;
}

/** For an upload, OK means: S3 has the object, whole and verified. */
export async function closeHandle(
  { handles, log }: Context,
  { handle }: SftpRequest<'close'>,
): Promise<Reply> {
  const open = handles.take(handle);
  switch (open.kind) {
    case 'upload': {
      const { upload } = open;
      const { key } = upload.target;
      try {
        await upload.finish();
      } catch (error) {
        log('sftp upload failed', { key, error });
        throw error;
      }
      log('sftp upload stored', { key, sizeBytes: upload.receivedBytes });
      return OK;
    }
    case 'download':
      open.download.close();
      return OK;
    case 'listing':
      await open.entries.return();
      return OK;
    default:
      return assertNever(open);
  }
}

export async function statHandle(
  { handles }: Context,
  { handle }: SftpRequest<'fstat'>,
): Promise<Reply> {
  const open = handles.get(handle);
  switch (open.kind) {
    case 'upload':
      return {
        reply: 'attributes',
        attributes: fileAttributes(open.upload.receivedBytes, Date.now()),
      };
    case 'download': {
      const { sizeBytes, modifiedAt } = open.download.file;
      return { reply: 'attributes', attributes: fileAttributes(sizeBytes, modifiedAt) };
    }
    case 'listing':
      return { reply: 'attributes', attributes: folderAttributes() };
    default:
      return assertNever(open);
  }
}

/** Times, modes and owners cannot be kept, and clients that set them after an upload must not fail. */
export async function setHandleAttributes(
  { handles }: Context,
  { handle, sizeBytes }: SftpRequest<'fsetstat'>,
): Promise<Reply> {
  const open = handles.get(handle);
  const currentBytes = open.kind === 'upload' ? open.upload.receivedBytes : undefined;
  if (sizeBytes !== undefined && sizeBytes !== currentBytes) {
    throw unsupported('the size of a file cannot be changed');
  }
  return OK;
}

/** Bytes are safe when CLOSE is answered; until then there is nothing to flush them to. */
export async function syncHandle(
  { handles }: Context,
  { handle }: SftpRequest<'fsync'>,
): Promise<Reply> {
  handles.get(handle);
  return OK;
}
