import type { Notice } from '../../shared/notify/notice.ts';
import { parseArrival } from '../../shared/parse/arrival.ts';
import { landingTimeOf } from '../../shared/decide/landing-time.ts';
import { arrivalOf, type Kind, type Version } from './inbox.ts';
import { isCalm, isOneByOne } from './size.ts';
import { BrokenPromise, type World } from './world.ts';

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
    if (outcomes.size > 1 && isCalm(world.size)) broken(`${what} ended more than once`);
    if (outcomes.has('superseded')) mustBeOvertaken(world, version, what);
    const away = outcomes.has('quarantined') || outcomes.has('held');
    const kept = world.quarantined.some(({ versionId }) => versionId === version.versionId);
    if (away && !kept) broken(`${what} has no copy in quarantine`);
    const left = world.inbox.find(version.key, version.versionId) !== undefined;
    if (away && left && !dead.has(version.versionId)) broken(`${what} is still in the inbox`);
    if (!left && !away) broken(`${what} was taken out of the inbox`);
  }
  for (const [path, { owner }] of world.files.staged) {
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
  for (const { id, outcome, object } of notices) {
    const ending = `${object?.key} ${object?.versionId} ${outcome}`;
    const other = endingOf.get(id);
    if (other !== undefined && other !== ending) broken(`${ending} has the id of ${other}`);
    endingOf.set(id, ending);
  }
  if (new Set(endingOf.values()).size !== endingOf.size) broken('one ending has two ids');
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
