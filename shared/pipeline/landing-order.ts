import type { Landing } from '../commit/landing.ts';
import { landingPathOf } from '../decide/landing-path.ts';
import { landingTimeOf } from '../decide/landing-time.ts';
import type { Arrival } from '../model/arrival.ts';
import { isSameUpload, newestDelivered } from './history.ts';
import type { Attempt, Ports } from './ports.ts';

/**
 * The newest delivered upload of a key, where another file lies on top of it in the landing root.
 *
 * Delivering is commit, then mark, then this look. Of two workers that land two uploads of a key at
 * once, the one that looks last sees the mark of the newer upload and, if the older was committed
 * last, its file: so one of them lands the newer again. A worker that dies before it looks is
 * made up for by whoever receives its message next, whatever that message is about.
 *
 * @param isDelivered whether `handled` has just been delivered
 */
export async function hiddenUnderAnOlder(
  handled: Arrival,
  isDelivered: boolean,
  landingPath: string,
  attempt: Attempt,
  ports: Pick<Ports, 'source' | 'landing'>,
): Promise<Arrival | undefined> {
  const newest = await newestDelivered(handled, isDelivered, attempt, ports);
  if (newest === undefined) return undefined;
  // What was landed again a moment ago needs no second look: who commits later looks later, too.
  if (attempt.relanding && isSameUpload(newest, handled)) return undefined;
  const held = await heldFor(newest, landingPath, ports.landing);
  return held === 'another' ? newest : undefined;
}

/** True when it is this older upload's file that lies where the newer one's should. */
export async function liesOnTopOf(
  older: Arrival,
  newer: Arrival,
  landing: Landing,
): Promise<boolean> {
  const place = landingPathOf(newer.key);
  if ('unsafe' in place || place.folder) return false;
  if ((await heldFor(newer, place.path, landing)) !== 'another') return false;
  return (await heldFor(older, place.path, landing)) === 'it';
}

async function heldFor(upload: Arrival, landingPath: string, landing: Landing) {
  return await landing.holds(landingPath, landingTimeOf(upload, upload.arrivedAt));
}
