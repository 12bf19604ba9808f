import { listFolder } from '../storage/folders.ts';
import type { SessionContext } from '../session/context.ts';
import { attributesAt } from '../storage/objects.ts';
import { resolvePath } from '../storage/paths.ts';
import { beginDownload, endDownload, type OpenDownload } from '../transfers/transfers.ts';
import { failure, noSuchFile, SftpFailure } from '../protocol/status.ts';
import { ANY, matches, ONE, type Glob } from './glob.ts';
import type { ScpCommand } from './command.ts';
import type { ScpPeer } from './peer.ts';
import { END_OF_FOLDER, fileRecord, folderRecord, timesRecord } from './record.ts';
import { textOf } from './shell-words.ts';

const CHUNK_BYTES = 128 * 1024;

/**
 * Gives an `scp` on the other side what it asks for. What cannot be given is told in words, and the next
 * file is given.
 *
 * @throws ScpProtocolError when the other side does not keep to the protocol
 * @throws whatever ends a file in the middle: the only honest thing to do then is to end the channel
 */
export async function source(
  context: SessionContext,
  peer: ScpPeer,
  command: Extract<ScpCommand, { mode: 'source' }>,
): Promise<void> {
  const give = async (path: string): Promise<void> => {
    try {
      const attributes = await attributesAt(context.storage, path);
      if (attributes === undefined) throw noSuchFile(path);
      if (!attributes.isFolder) return await giveFile(context, peer, path, command.keepsTimes);
      if (!command.isRecursive) throw failure(`${path}: not a file (a folder needs -r)`);
      return await giveFolder(path, attributes.modifiedAt);
    } catch (error) {
      if (!(error instanceof SftpFailure)) throw error;
      return peer.warn(error.message);
    }
  };

  const giveFolder = async (path: string, modifiedAt: number): Promise<void> => {
    if (command.keepsTimes && (await asked(peer, timesRecord(modifiedAt))) !== undefined) return;
    if ((await asked(peer, folderRecord(nameOf(path)))) !== undefined) return;
    for await (const { filename } of listFolder(context.storage, path)) {
      if (filename !== '.' && filename !== '..') await give(`${path}/${filename}`);
    }
    await asked(peer, END_OF_FOLDER);
  };

  await peer.answer();
  for (const word of command.sources) {
    const paths = await expand(context, word);
    if (paths.length === 0) await peer.warn(noSuchFile(textOf(word)).message);
    for (const path of paths) await give(path);
  }
}

async function giveFile(
  context: SessionContext,
  peer: ScpPeer,
  path: string,
  keepsTimes: boolean,
): Promise<void> {
  const open = await beginDownload(context, path);
  try {
    const { sizeBytes, modifiedAt } = open.download.file;
    if (keepsTimes && (await asked(peer, timesRecord(modifiedAt))) !== undefined) return;
    if ((await asked(peer, fileRecord(sizeBytes, nameOf(path)))) !== undefined) return;
    await giveBytes(peer, open);
  } finally {
    endDownload(context, open);
  }
  await peer.ok();
  await peer.answer();
}

async function giveBytes(peer: ScpPeer, { download }: OpenDownload): Promise<void> {
  const { sizeBytes } = download.file;
  for (let offset = 0; offset < sizeBytes; offset += CHUNK_BYTES) {
    const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, sizeBytes - offset));
    try {
      await download.read(offset, chunk);
    } catch (error) {
      // The other side waits for bytes that we do not have; a refusal would be read as some of them.
      throw new Error('the download was cut off', { cause: error });
    }
    await peer.send(chunk);
  }
}

async function asked(peer: ScpPeer, record: string): Promise<string | undefined> {
  await peer.send(Buffer.from(record));
  return peer.answer();
}

/** The paths that a word with wildcards means, segment by segment. */
async function expand(context: SessionContext, word: Glob): Promise<readonly string[]> {
  if (!word.some((sign) => sign === ANY || sign === ONE)) return [textOf(word)];
  let found = [''];
  for (const segment of segmentsOf(word)) {
    const isLiteral = !segment.some((sign) => sign === ANY || sign === ONE);
    const next: string[] = [];
    for (const folder of found) {
      if (isLiteral) next.push(`${folder}/${textOf(segment)}`);
      else next.push(...(await namesIn(context, folder, segment)));
    }
    found = next;
  }
  return found;
}

async function namesIn(
  { storage }: SessionContext,
  folder: string,
  pattern: Glob,
): Promise<readonly string[]> {
  if ((await attributesAt(storage, folder))?.isFolder !== true) return [];
  const paths: string[] = [];
  for await (const { filename } of listFolder(storage, folder)) {
    const isHidden = filename.startsWith('.') && pattern[0] !== '.';
    if (filename === '.' || filename === '..' || isHidden) continue;
    if (matches(pattern, filename)) paths.push(`${folder}/${filename}`);
  }
  return paths;
}

function segmentsOf(word: Glob): Glob[] {
  const segments: Glob[number][][] = [[]];
  for (const sign of word) {
    if (sign === '/') segments.push([]);
    else segments.at(-1)?.push(sign);
  }
  return segments.filter((segment) => segment.length > 0);
}

/** The root has no name of its own. */
function nameOf(path: string): string {
  return resolvePath(path).split('/').at(-1) || 'files';
}
