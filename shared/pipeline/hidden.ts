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
  const landingTime = landingTimeOf(newest, newest.arrivedAt);
  const held = await ports.landing.holds(landingPath, landingTime);
  return held === 'another' ? newest : undefined;
}
