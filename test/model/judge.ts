import type { Notice } from '../../shared/notify/notice.ts';
import { parseArrival } from '../../shared/parse/arrival.ts';
import { landingTimeOf } from '../../shared/pipeline/landing-order.ts';
import { arrivalOf, type Kind, type Version } from './inbox.ts';
import { isCalm, isOneByOne } from './size.ts';
import { BrokenPromise, type World } from './world.ts';

/*
 * What is promised, exactly
 *
 * An upload is one version of one key in the inbox; a rename is an upload of the new key and a
 * deletion of the old one. "Newer" is S3's order of the versions of a key, not a time. An upload is
 * withdrawn when its key was deleted after it. Everything below holds at rest: all is delivered,
 * the sweep found nothing, and what lies in the dead-letter queue is excepted until its redrive.
 *
 * At every moment: what shows under the landing root are the whole bytes of a clean upload of
 * exactly that key; and a message that is received after a newer upload was delivered, or after its
 * own was withdrawn, does not bring the older bytes (back).
 *
 * The landing root shows, for each key,
 * - the newest clean upload that is not withdrawn, whatever came before, after and in between;
 * - where every clean upload is withdrawn, the newest that was delivered before (the landing root
 *   keeps what was delivered: a deletion in the inbox takes nothing away), or nothing, when none was.
 *   Only where a worker died, a port failed, or an upload was in two hands at once, it may be
 *   another clean upload of the key: tags know no compare-and-set, so the mark of a delivery may
 *   be lost to that of the deletion.
 *
 * An upload ends by its bytes:
 * - infected: quarantined, and unscannable: held; always, just once, whatever became of its key;
 *   then its copy is in quarantine, and its version is no longer in the inbox;
 * - clean: delivered; or superseded, if it was withdrawn or a newer one was delivered first;
 * - a temporary name: skipped; unreadable: refused, in the dead-letter queue.
 *
 * An ending is told no more often than the messages of its upload were received: whatever else looks
 * at the upload tells nothing again. So where nothing failed and nothing came twice, it is told once.
 *
 * Just one ending is told of a clean upload that is handled by one worker at a time and to its end.
 * Otherwise it may be told both as delivered and as superseded: the worker that landed it died, or
 * had not come to its mark yet, when another found it overtaken. A lock could prevent that; there
 * is none, and "delivered" says all that a subscriber needs. `refused` may come with any other
 * ending, since a person is going to redrive it. Ids are equal on repetition, and differ between
 * uploads, between endings and between refusals with different codes.
 */

/** The endings that the bytes of an upload lead to, whatever else happens. */
const ENDINGS: Readonly<Record<Kind, readonly Notice['outcome'][]>> = {
  clean: ['delivered', 'superseded'],
  infected: ['quarantined'],
  unscannable: ['held'],
  unreadable: [],
};

const isTemporary = ({ key }: Version): boolean => key.endsWith('.part');

/** Promises 2 and 5, of each upload. */
export function mustHaveEnded(world: World): void {
  mustHaveIdsOfTheirOwn(world.notices);
  mustNotBeToldTooOften(world);
  const dead = deadVersions(world);
  for (const version of world.inbox.uploads) {
    const allowed = isTemporary(version) ? ['skipped'] : ENDINGS[version.kind];
    const told = noticesOf(world, version);
    const outcomes = new Set(told.map(({ outcome }) => outcome));
    const refused = outcomes.delete('refused');
    const what = `${version.key} ${version.versionId} (${version.kind}), of which was told [${[...outcomes].join(', ')}],`;
    for (const outcome of outcomes) {
      if (!allowed.includes(outcome)) broken(`${what} cannot have ended as ${outcome}`);
    }
    if (refused && !dead.has(version.versionId)) broken(`${what} is not in the dead-letter queue`);
    if (outcomes.size === 0 && !dead.has(version.versionId)) broken(`${what} ended in silence`);
    if (outcomes.size === 0 && allowed.length > 0 && isCalm(world.size)) {
      broken(`${what} was refused, although nothing went wrong`);
    }
    if (outcomes.size > 1 && isCalm(world.size)) broken(`${what} ended more than once`);
    if (outcomes.has('superseded')) mustBeOvertaken(world, version, what);
    const away = outcomes.has('quarantined') || outcomes.has('held');
    const kept = world.quarantined.some(({ versionId }) => versionId === version.versionId);
    if (away && !kept) broken(`${what} has no copy in quarantine`);
    const left = world.inbox.find(version.key, version.versionId) !== undefined;
    if (away && left && !dead.has(version.versionId)) broken(`${what} is still in the inbox`);
    if (!left && !away) broken(`${what} was taken out of the inbox`);
  }
  for (const [path, { owner }] of [...world.files.staged, ...world.files.incoming]) {
    if (!owner.dead) broken(`${path} was left behind by ${owner.name}, who lives`);
  }
}

/** A newer upload was delivered, or it was deleted: else it must not be called superseded. */
function mustBeOvertaken(world: World, version: Version, what: string): void {
  const newer = world.inbox.uploads.some(
    (it) =>
      it.key === version.key &&
      it.seq > version.seq &&
      noticesOf(world, it).some(({ outcome }) => outcome === 'delivered'),
  );
  if (!newer && !world.inbox.isWithdrawn(version)) broken(`${what} was superseded by nothing`);
}

function mustHaveIdsOfTheirOwn(notices: readonly Notice[]): void {
  const endingOf = new Map<string, string>();
  for (const { id, outcome, object, code = '' } of notices) {
    const ending = `${object?.key} ${object?.versionId} ${outcome} ${code}`;
    const other = endingOf.get(id);
    if (other !== undefined && other !== ending) broken(`${ending} has the id of ${other}`);
    endingOf.set(id, ending);
  }
  if (new Set(endingOf.values()).size !== endingOf.size) broken('one ending has two ids');
}

/** An attempt tells an ending once; only another receive of the upload's messages may repeat it. */
function mustNotBeToldTooOften({ notices, queue }: World): void {
  const received = Map.groupBy(queue.received, (body) => parseArrival(body).versionId);
  for (const [first, ...repetitions] of Map.groupBy(notices, ({ id }) => id).values()) {
    const { key, versionId } = first?.object ?? {};
    const receiveCount = received.get(versionId)?.length ?? 0;
    if (repetitions.length < receiveCount) continue;
    const count = repetitions.length + 1;
    broken(
      `${key} ${versionId}, received ${receiveCount} times, was told ${count} times as ${first?.outcome}`,
    );
  }
}

/** Promise 4, of each key. */
export function mustHaveConverged(world: World, { redriven = false } = {}): void {
  const { inbox, files } = world;
  const dead = new Set(redriven ? [] : deadKeys(world));
  for (const key of new Set(inbox.uploads.map((it) => it.key))) {
    if (dead.has(key)) continue;
    const file = files.landed.get(key);
    const uploads = inbox.uploads.filter((it) => it.key === key && !isTemporary(it));
    const delivered = uploads.findLast((it) =>
      noticesOf(world, it).some(({ outcome }) => outcome === 'delivered'),
    );
    const live = uploads.findLast((it) => it.kind === 'clean' && !inbox.isWithdrawn(it));
    const wanted = live ?? delivered;
    if (wanted === undefined) {
      if (file && isOneByOne(world.size)) broken(`${key} landed, although nothing was delivered`);
    } else if (file === undefined) {
      broken(`${key} did not land, although ${wanted.versionId} should have`);
    } else if (live !== undefined || isCalm(world.size)) {
      const isIt = file.modifiedAt === landingTimeOf(arrivalOf(wanted), wanted.uploadedAt);
      if (!isIt)
        broken(`${key} shows "${file.content}", not ${wanted.versionId}: "${wanted.content}"`);
    }
  }
}

function noticesOf(world: World, { versionId }: Version): Notice[] {
  return world.notices.filter(({ object }) => object?.versionId === versionId);
}

function deadVersions(world: World): Set<string | undefined> {
  return new Set(world.queue.deadLetters.map(({ body }) => parseArrival(body).versionId));
}

function deadKeys(world: World): string[] {
  return world.queue.deadLetters.map(({ body }) => parseArrival(body).key);
}

function broken(how: string): never {
  throw new BrokenPromise(how);
}
