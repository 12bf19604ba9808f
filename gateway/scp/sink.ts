import type { SessionContext } from '../session/context.ts';
import { putMarker, storedPlace } from '../storage/folders.ts';
import type { OpenUpload } from '../transfers/open-upload.ts';
import { beginUpload } from '../transfers/transfers.ts';
import { notAFolder, failure, statusOf } from '../protocol/status.ts';
import { ScpProtocolError } from './byte-reader.ts';
import type { ScpCommand } from './command.ts';
import type { ScpPeer } from './peer.ts';
import { parseRecord, type ScpRecord } from './record.ts';

/** Deeper trees would have keys longer than S3 allows. */
const MAX_DEPTH = 512;

type FileRecord = Extract<ScpRecord, { kind: 'file' }>;

/**
 * Receives the files that the client's `scp` sends. A file that cannot be stored is refused with a message
 * and the next one is received; a file that does not arrive complete is not stored.
 *
 * @throws ScpProtocolError when the client violates the protocol
 */
export async function receiveFiles(
  context: SessionContext,
  peer: ScpPeer,
  command: Extract<ScpCommand, { mode: 'sink' }>,
): Promise<void> {
  const { target, needsFolder, isRecursive } = command;
  const isFolder = target.endsWith('/') || (await isExistingFolder(context, target));
  if (needsFolder && !isFolder) throw failure(`${target} is not a folder`);
  /** The next record goes into the last of these, or to the target itself if there are none. */
  const folders: string[] = isFolder ? [target] : [];
  const depth = folders.length;
  const pathFor = (name: string) => (folders.length === 0 ? target : `${folders.at(-1)}/${name}`);
  let modifiedAt: number | undefined;
  await peer.ok();
  const { reader } = peer;
  for (let line = await reader.readLine(); line !== undefined; line = await reader.readLine()) {
    const record = parseRecord(line);
    switch (record.kind) {
      case 'invalid':
        throw new ScpProtocolError(record.why);
      case 'warning':
        continue;
      case 'times':
        modifiedAt = record.modifiedAt;
        await peer.ok();
        continue;
      case 'end-of-folder':
        if (folders.length === depth)
          throw new ScpProtocolError('end of a folder that was not opened');
        folders.pop();
        await peer.ok();
        break;
      case 'folder': {
        if (!isRecursive) throw new ScpProtocolError('a folder where a file was expected');
        if (folders.length >= MAX_DEPTH) throw new ScpProtocolError('the tree is too deep');
        const path = pathFor(record.name);
        await ensureFolder(context, path);
        folders.push(path);
        await peer.ok();
        break;
      }
      case 'file':
        await receiveFile(context, peer, pathFor(record.name), record, modifiedAt);
        break;
      default:
        record satisfies never;
    }
    modifiedAt = undefined;
  }
  if (folders.length > depth) throw new ScpProtocolError('the copy ended within a folder');
}

/** A file refused before its bytes are requested is not sent by the client at all. */
async function receiveFile(
  context: SessionContext,
  peer: ScpPeer,
  path: string,
  { sizeBytes }: FileRecord,
  modifiedAt: number | undefined,
): Promise<void> {
  const open = await tryBeginUpload(context, path);
  if (typeof open === 'string') return peer.warn(`${path}: ${open}`);
  if (modifiedAt !== undefined) open.setModifiedAt(modifiedAt);
  let problem: string | undefined;
  try {
    await peer.ok();
    for (let offset = 0; offset < sizeBytes;) {
      const bytes = await peer.reader.read(sizeBytes - offset);
      // After a failed write the rest of the file is read and dropped, because the client is sending it.
      if (problem === undefined) {
        problem = await open.write(offset, bytes).then(
          () => undefined,
          (error: unknown) => reportError(context, error),
        );
      }
      offset += bytes.length;
    }
    problem ??= await peer.readReply();
  } catch (error) {
    await open.abandon(new Error('the copy was cut off', { cause: error }));
    throw error;
  }
  if (problem !== undefined) {
    await open.abandon(new Error(problem));
    return peer.warn(`${path}: ${problem}`);
  }
  problem = await open.complete().then(
    () => undefined,
    (error: unknown) => reportError(context, error),
  );
  return problem === undefined ? peer.ok() : peer.warn(`${path}: ${problem}`);
}

/** @returns the error message when the upload cannot begin */
async function tryBeginUpload(context: SessionContext, path: string): Promise<OpenUpload | string> {
  try {
    return await beginUpload(context, path);
  } catch (error) {
    return reportError(context, error);
  }
}

async function ensureFolder(context: SessionContext, path: string): Promise<void> {
  const { namespace, storage, audit } = context;
  const startedAt = Date.now();
  const existing = await namespace.lookup(path);
  if (existing.kind === 'folder') return;
  if (existing.kind !== 'missing') throw notAFolder(path);
  const place = storedPlace(namespace, path);
  await namespace.admitFolder(place);
  await putMarker(storage.s3, place);
  namespace.folderMade();
  audit.folderMade(place, startedAt);
}

async function isExistingFolder({ namespace }: SessionContext, path: string): Promise<boolean> {
  return (await namespace.lookup(path)).kind === 'folder';
}

/** Logs an error. @returns the message for the client */
function reportError({ log }: SessionContext, error: unknown): string {
  const { message } = statusOf(error);
  log('scp file failed', { told: message, error });
  return message;
}
