import { landingTimeOf } from '../decide/landing-time.ts';
import type { PinnedObject } from '../model/arrival.ts';
import type { Ending } from '../model/outcome.ts';
import { requireRoom } from '../inbox/ledger-tags.ts';
import { overtakenBy } from './history.ts';
import type { Attempt, Concluded, Ports } from './ports.ts';

type Delivered = Extract<Ending, { kind: 'delivered' }>;

/** Lands a clean file, unless something came after it. */
export async function commit(
  stagedPath: string,
  delivered: Delivered,
  object: PinnedObject,
  attempt: Attempt,
  ports: Ports,
): Promise<Concluded['outcome']> {
  const { landingPath } = delivered;
  const landingTime = landingTimeOf(object, object.uploadedAt);
  const by = attempt.relanding ? undefined : await overtakenBy(object, attempt, ports);
  if (by !== undefined) {
    // A worker may have landed it before that, and died before it could tell.
    const held = await ports.landing.holds(landingPath, landingTime);
    return held === 'it' ? delivered : { kind: 'superseded', by };
  }
  // Refused before it lands: without room for the mark it could never be settled.
  requireRoom(object.tags);
  await ports.landing.commit(stagedPath, landingPath, landingTime);
  return delivered;
}
