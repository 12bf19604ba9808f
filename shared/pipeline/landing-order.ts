import { createHash } from 'node:crypto';
import type { FileToLand, Landing } from '../commit/landing.ts';
import { landingPathOf } from '../decide/admission.ts';
import { requireRoom, type Upload, wasDelivered } from '../inbox/ledger-tags.ts';
import type { Arrival, PinnedObject } from '../model/arrival.ts';
import type { Ending } from '../model/outcome.ts';
import { versionOf } from '../model/upload-id.ts';
import type { Attempt, Concluded, Ports } from './ports.ts';

/*
 * An older upload must not replace a newer one in the landing root. There is no lock, so two workers
 * may land two uploads of a key at the same time. The order is therefore checked twice, and a third
 * time by the sweep. `landingTimeOf` gives the modification time by which a landed file is known.
 *
 * 1. Before the commit of upload U: the entries of the key's history, newest first.
 *
 *      deletion ................................ U is superseded by it  (*)
 *      newer upload, delivered ................. U is superseded by it  (*)
 *      newer upload, not delivered ............. read on: it may turn out not to be clean
 *      U itself ................................ commit
 *      (*) but the landed file is U's: delivered. An earlier attempt may have landed the file and
 *          crashed before announcing it.
 *
 * 2. After every ending: the newest delivered upload N, and the file that is landed under the key.
 *
 *      N's file ................................ nothing to do
 *      no file ................................. nothing to do: applications may take files away
 *      another file ............................ redeliver N
 *
 *    Commit, mark, look, in this order, so that of two workers the one that looks last sees both:
 *
 *      older  | check ------------- commit  mark  look: N is marked, redeliver it
 *      newer  |   check  commit  mark  look
 *
 *      older  | check ---- commit  mark  look: N is not marked yet
 *      newer  |   check  commit ------------------ mark  look: N is covered, redeliver it
 *
 *    If a worker dies before this look, the next receiver of its message does it, whatever the
 *    ending of that message is.
 *
 * 3. In the sweep, when no receiver is left: as 2, but the file must be that of an older upload
 *    (`isStale`). Any other file was changed by an application, and is left alone.
 */

/**
 * The modification time a file lands with, in epoch milliseconds: the second of its upload, and
 * in the milliseconds a mark of the upload itself. S3 gives whole seconds only, so the rest is free
 * to tell apart two uploads of one second.
 */
export function landingTimeOf(
  { bucket, key, versionId, etag }: Upload,
  uploadedAt: number,
): number {
  const identity = JSON.stringify([bucket, key, versionOf({ versionId, etag })]);
  const mark = createHash('sha256').update(identity).digest().readUInt32BE(0) % 999;
  return Math.floor(uploadedAt / 1000) * 1000 + mark + 1;
}

/** Case 1: lands a clean file, unless something superseded it. A redelivery lands in any case. */
export async function commitInOrder(
  staged: FileToLand,
  delivered: Extract<Ending, { kind: 'delivered' }>,
  object: PinnedObject,
  attempt: Attempt,
  ports: Pick<Ports, 'source' | 'landing'>,
): Promise<Concluded['outcome']> {
  const { landingPath } = delivered;
  const landingTime = landingTimeOf(object, object.uploadedAt);
  const by = attempt.isRedelivery ? undefined : await findSuperseding(object, attempt, ports);
  if (by !== undefined) {
    const landed = await ports.landing.compare(landingPath, landingTime);
    return landed === 'same' ? delivered : { kind: 'superseded', by };
  }
  // Refused before it lands: without room for the mark it could never be settled.
  requireRoom(object.tags);
  await ports.landing.commit(staged, landingPath, landingTime, attempt.signal);
  return delivered;
}

async function findSuperseding(
  object: PinnedObject,
  { signal }: Attempt,
  { source }: Pick<Ports, 'source'>,
): Promise<'newer upload' | 'deletion' | undefined> {
  for await (const change of source.history(object.bucket, object.key, signal)) {
    if (change.kind === 'deletion') return 'deletion';
    if (isSameUpload(change.upload, object)) return undefined;
    if (wasDelivered(change.upload, await change.readTags())) return 'newer upload';
  }
  return undefined;
}

/**
 * Case 2: the newest delivered upload of the key, where another file has replaced it.
 *
 * @param isDelivered whether `handled` has just been delivered
 */
export async function findReplaced(
  handled: Arrival,
  isDelivered: boolean,
  landingPath: string,
  attempt: Attempt,
  ports: Pick<Ports, 'source' | 'landing'>,
): Promise<Arrival | undefined> {
  const newest = await findNewestDelivered(handled, isDelivered, attempt, ports);
  if (newest === undefined) return undefined;
  // A redelivery that has just landed needs no second look: a worker that commits later looks later.
  if (attempt.isRedelivery && isSameUpload(newest, handled)) return undefined;
  const landed = await compareLanded(newest, landingPath, ports.landing);
  return landed === 'different' ? newest : undefined;
}

/** Deletions do not count: the landing root keeps what was delivered. */
async function findNewestDelivered(
  handled: Arrival,
  isDelivered: boolean,
  { signal }: Attempt,
  { source }: Pick<Ports, 'source'>,
): Promise<Arrival | undefined> {
  for await (const change of source.history(handled.bucket, handled.key, signal)) {
    if (change.kind === 'deletion') continue;
    // Its own mark may have been overwritten since.
    if (isDelivered && isSameUpload(change.upload, handled)) return change.upload;
    if (wasDelivered(change.upload, await change.readTags())) return change.upload;
  }
  return undefined;
}

/** Case 3: whether the landed file is that of the older upload instead of the newer one's. */
export async function isStale(older: Arrival, newer: Arrival, landing: Landing): Promise<boolean> {
  const place = landingPathOf(newer.key);
  if ('unsafe' in place || place.folder) return false;
  if ((await compareLanded(newer, place.path, landing)) !== 'different') return false;
  return (await compareLanded(older, place.path, landing)) === 'same';
}

async function compareLanded(
  upload: Arrival,
  landingPath: string,
  landing: Landing,
): ReturnType<Landing['compare']> {
  return await landing.compare(landingPath, landingTimeOf(upload, upload.arrivedAt));
}

/** By version; a bucket without versioning only knows the ETag. */
function isSameUpload(one: Upload, other: Upload): boolean {
  return versionOf(one) === versionOf(other);
}
