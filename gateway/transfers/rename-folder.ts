import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import PQueue from 'p-queue';
import type { SessionContext } from '../session/context.ts';
import { failure, notAFolder, permissionDenied } from '../protocol/status.ts';
import { putMarker, storedPlace, type StoredPlace } from '../storage/folders.ts';
import type { ObjectStore } from '../storage/guarded-store.ts';
import {
  type Address,
  deleteObject,
  findObject,
  folderStateOf,
  type StoredFile,
} from '../storage/objects.ts';
import { folderPrefix, namesFolder } from '../storage/paths.ts';
import { copyFile } from './copy-file.ts';
import type { RenameMode } from './rename.ts';

/** Each file of a renamed folder is copied in S3, and is a new upload that is scanned again. */
const MAX_FILES = 1_000;
const MAX_BYTES = 5 * 1024 ** 3;
const CONCURRENCY = 8;

/**
 * Renames a folder by copying what is in it and then deleting the originals, within MAX_FILES and MAX_BYTES.
 * If a copy fails, those already made are deleted, and the folder is as it was. After a crash in between,
 * files have both names.
 */
export async function renameFolder(
  { storage: { s3 }, namespace, openUploads }: SessionContext,
  from: string,
  to: string,
  mode: RenameMode,
): Promise<{ readonly from: StoredPlace; readonly to: StoredPlace }> {
  const source = storedPlace(namespace, from);
  const target = storedPlace(namespace, to);
  if (source.isHome) throw permissionDenied(`${from} cannot be renamed`);
  if (`${target.path}/`.startsWith(`${source.path}/`)) {
    throw failure(`${from} cannot be moved into itself`);
  }
  const existing = await namespace.lookup(target.path);
  const isEmptyFolder =
    existing.kind === 'folder' && !target.isHome && (await namespace.folderState(to)) === 'empty';
  if (existing.kind === 'file' || existing.kind === 'upload') {
    const isTaken = mode === 'refuse' && !namesFolder(to);
    throw isTaken ? failure(`target exists: ${to}`) : notAFolder(to);
  }
  if (existing.kind === 'folder' && (mode === 'refuse' || !isEmptyFolder)) {
    throw failure(`target exists: ${to}`);
  }
  await namespace.admitFolder(target);
  if ((await openUploads.below(source)).length > 0) {
    throw failure(`${from} has files that are being uploaded; close them first`);
  }

  const keys = await keysBelow(s3, source, from);
  if (keys.length === 0) {
    if ((await folderStateOf(s3, target)) === 'missing') await putMarker(s3, target);
  } else {
    await moveAll(s3, keys, source, target);
  }
  await namespace.folderMoved(source, target);
  return { from: source, to: target };
}

/** All keys in a folder, its marker among them. @throws SftpFailure beyond the bounds */
async function keysBelow(s3: ObjectStore, folder: Address, path: string): Promise<string[]> {
  const keys: string[] = [];
  let bytes = 0;
  let continuation: string | undefined;
  do {
    const page = await s3.send(
      new ListObjectsV2Command({
        Bucket: folder.bucket,
        Prefix: folderPrefix(folder.key),
        ...(continuation === undefined ? {} : { ContinuationToken: continuation }),
      }),
    );
    for (const { Key = '', Size = 0 } of page.Contents ?? []) {
      keys.push(Key);
      bytes += Size;
    }
    if (keys.length > MAX_FILES || bytes > MAX_BYTES) {
      throw failure(
        `${path} cannot be renamed: it has more than ${MAX_FILES} files or 5 GiB; move its files instead`,
      );
    }
    continuation = page.NextContinuationToken;
  } while (continuation !== undefined);
  return keys;
}

type Copy = { readonly original: StoredFile; readonly copy: Pick<StoredFile, 'etag'> & Address };

async function moveAll(
  s3: ObjectStore,
  keys: readonly string[],
  source: Address,
  target: Address,
): Promise<void> {
  const copies: Copy[] = [];
  const queue = new PQueue({ concurrency: CONCURRENCY });
  try {
    await queue.addAll(
      keys.map((key) => async () => {
        const original = await findObject(s3, { bucket: source.bucket, key });
        // Removed since the listing.
        if (original === undefined) return;
        const to = { bucket: target.bucket, key: target.key + key.slice(source.key.length) };
        // The marker of an empty folder that is replaced may be there.
        const condition = key.endsWith('/') ? undefined : ({ kind: 'absent' } as const);
        const etag = await copyFile(s3, original, to, condition);
        copies.push({ original, copy: { ...to, etag } });
      }),
    );
  } catch (error) {
    queue.clear();
    await queue.onIdle();
    await Promise.allSettled(copies.map(({ copy }) => deleteObject(s3, copy)));
    throw error;
  }
  const outcomes = await queue.addAll(
    copies.map(
      ({ original }) =>
        async () =>
          deleteObject(s3, original),
    ),
  );
  const replaced = copies.find((_, index) => outcomes[index] === 'replaced');
  if (replaced !== undefined) {
    throw failure(
      `another client replaced ${replaced.original.key} during the rename: its earlier content has been moved, the newer one has not`,
    );
  }
}
