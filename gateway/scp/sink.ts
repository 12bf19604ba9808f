import type { SessionContext } from '../session/context.ts';
import { makeFolder } from '../storage/folders.ts';
import { attributesAt } from '../storage/objects.ts';
import {
  beginUpload,
  completeUpload,
  giveUpUpload,
  keepModifiedAt,
  type OpenUpload,
} from '../transfers/transfers.ts';
import { failure, statusOf } from '../protocol/status.ts';
import { ScpProtocolError } from './byte-reader.ts';
import type { ScpCommand } from './command.ts';
import type { ScpPeer } from './peer.ts';
import { parseRecord, type ScpRecord } from './record.ts';

/** A tree as deep as this has keys longer than S3 takes. */
const MAX_DEPTH = 512;

type FileRecord = Extract<ScpRecord, { kind: 'file' }>;

/**
 * Takes what an `scp` on the other side gives. What cannot be stored is refused in words, and the next
 * file is taken; a file that does not come whole is not stored at all.
 *
 * @throws ScpProtocolError when the other side does not keep to the protocol
 */
export async function sink(
  context: SessionContext,
  peer: ScpPeer,
  command: Extract<ScpCommand, { mode: 'sink' }>,
): Promise<void> {
  const { target, needsFolder, isRecursive } = command;
  const isFolder = target.endsWith('/') || (await isExistingFolder(context, target));
  if (needsFolder && !isFolder) throw failure(`${target} is not a folder`);
  /** Where the next record goes: into the last of these, or to the target itself. */
  const folders: string[] = isFolder ? [target] : [];
  const depth = folders.length;
  const pathFor = (name: string) => (folders.length === 0 ? target : `${folders.at(-1)}/${name}`);
  let modifiedAt: number | undefined;
  await peer.ok();
  for (let line = await peer.reader.line(); line !== undefined; line = await peer.reader.line()) {
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
          throw new ScpProtocolError('end of a folder that was not begun');
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
        await takeFile(context, peer, pathFor(record.name), record, modifiedAt);
        break;
      default:
        record satisfies never;
    }
    modifiedAt = undefined;
  }
  if (folders.length > depth) throw new ScpProtocolError('the copy ended within a folder');
}

/** Refused before its bytes come, it is not sent; refused after, it was. */
async function takeFile(
  context: SessionContext,
  peer: ScpPeer,
  path: string,
  { sizeBytes }: FileRecord,
  modifiedAt: number | undefined,
): Promise<void> {
  const open = begun(context, path);
  if (typeof open === 'string') return peer.warn(`${path}: ${open}`);
  if (modifiedAt !== undefined) keepModifiedAt(open, modifiedAt);
  let problem: string | undefined;
  try {
    await peer.ok();
    for (let offset = 0; offset < sizeBytes;) {
      const bytes = await peer.reader.some(sizeBytes - offset);
      // Once it has failed, the rest of the file is still to be read: it is on its way already.
      if (problem === undefined) {
        problem = await open.upload.write(offset, bytes).then(
          () => undefined,
          (error: unknown) => told(context, error),
        );
      }
      offset += bytes.length;
    }
    problem ??= await peer.answer();
  } catch (error) {
    await giveUpUpload(context, open, new Error('the copy was cut off', { cause: error }));
    throw error;
  }
  if (problem !== undefined) {
    await giveUpUpload(context, open, new Error(problem));
    return peer.warn(`${path}: ${problem}`);
  }
  problem = await completeUpload(context, open).then(
    () => undefined,
    (error: unknown) => told(context, error),
  );
  return problem === undefined ? peer.ok() : peer.warn(`${path}: ${problem}`);
}

/** @returns why not, otherwise */
function begun(context: SessionContext, path: string): OpenUpload | string {
  try {
    return beginUpload(context, path);
  } catch (error) {
    return told(context, error);
  }
}

async function ensureFolder(context: SessionContext, path: string): Promise<void> {
  const { storage, audit, folderNames } = context;
  const startedAt = Date.now();
  const existing = await attributesAt(storage, path);
  if (existing?.isFolder === true) return;
  if (existing !== undefined) throw failure(`${path} is a file, not a folder`);
  folderNames.forget();
  audit.folderMade(await makeFolder(storage, path), startedAt);
}

async function isExistingFolder({ storage }: SessionContext, path: string): Promise<boolean> {
  return (await attributesAt(storage, path))?.isFolder === true;
}

/** What the other side is told about an error; the inside of it is for the log. */
function told({ log }: SessionContext, error: unknown): string {
  const { message } = statusOf(error);
  log('scp file failed', { told: message, error });
  return message;
}
