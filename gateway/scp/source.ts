import type { SessionContext } from '../session/context.ts';
import { resolveIn } from '../storage/paths.ts';
import { beginDownload, endDownload, type OpenDownload } from '../transfers/transfers.ts';
import { failure, noSuchFile, SftpFailure } from '../protocol/status.ts';
import type { ScpCommand } from './command.ts';
import { expand } from './expand.ts';
import type { ScpPeer } from './peer.ts';
import { END_OF_FOLDER, fileRecord, folderRecord, timesRecord } from './record.ts';
import { textOf } from './shell-words.ts';

const CHUNK_BYTES = 128 * 1024;

/**
 * Sends the files that the client's `scp` asks for. For a file that cannot be sent it sends a message and
 * continues with the next one.
 *
 * @throws ScpProtocolError when the client violates the protocol
 * @throws when a file fails midway; the channel must be closed then
 */
export async function sendFiles(
  context: SessionContext,
  peer: ScpPeer,
  command: Extract<ScpCommand, { mode: 'source' }>,
): Promise<void> {
  const { namespace } = context;
  const send = async (path: string): Promise<void> => {
    peer.gone.throwIfAborted();
    try {
      const attributes = await namespace.attributesAt(path);
      if (!attributes.isFolder) return await sendFile(context, peer, path, command.keepsTimes);
      if (!command.isRecursive) throw failure(`${path}: not a file (a folder needs -r)`);
      return await sendFolder(path, attributes.modifiedAt);
    } catch (error) {
      if (!(error instanceof SftpFailure)) throw error;
      return peer.warn(error.message);
    }
  };

  const sendFolder = async (path: string, modifiedAt: number): Promise<void> => {
    if (command.keepsTimes && (await sendRecord(peer, timesRecord(modifiedAt))) !== undefined)
      return;
    if ((await sendRecord(peer, folderRecord(nameOf(context, path)))) !== undefined) return;
    for await (const { filename } of namespace.list(path)) {
      if (filename !== '.' && filename !== '..') await send(`${path}/${filename}`);
    }
    await sendRecord(peer, END_OF_FOLDER);
  };

  await peer.readReply();
  for (const word of command.sources) {
    const paths = await expand(context, word, peer.gone);
    if (paths.length === 0) await peer.warn(noSuchFile(textOf(word)).message);
    for (const path of paths) await send(path);
  }
}

async function sendFile(
  context: SessionContext,
  peer: ScpPeer,
  path: string,
  keepsTimes: boolean,
): Promise<void> {
  const open = await beginDownload(context, path);
  try {
    const { sizeBytes, modifiedAt } = open.download.file;
    if (keepsTimes && (await sendRecord(peer, timesRecord(modifiedAt))) !== undefined) return;
    if ((await sendRecord(peer, fileRecord(sizeBytes, nameOf(context, path)))) !== undefined)
      return;
    await sendBytes(peer, open);
  } finally {
    endDownload(context, open);
  }
  await peer.ok();
  await peer.readReply();
}

async function sendBytes(peer: ScpPeer, { download }: OpenDownload): Promise<void> {
  const { sizeBytes } = download.file;
  for (let offset = 0; offset < sizeBytes; offset += CHUNK_BYTES) {
    const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, sizeBytes - offset));
    try {
      await download.read(offset, chunk);
    } catch (error) {
      // The client expects the remaining bytes and would read an error message as file content.
      throw new Error('the download was cut off', { cause: error });
    }
    await peer.send(chunk);
  }
}

/** @returns the client's warning, if it refuses the record */
async function sendRecord(peer: ScpPeer, record: string): Promise<string | undefined> {
  await peer.send(Buffer.from(record));
  return peer.readReply();
}

/** The root has no name, so it is sent as `files`. */
function nameOf({ namespace }: SessionContext, path: string): string {
  return resolveIn(namespace.homes, path).split('/').at(-1) || 'files';
}
