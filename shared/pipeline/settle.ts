import type { PinnedObject } from '../model/arrival.ts';
import type { Attempt, Concluded, Ports } from './ports.ts';

/** Records the ending in the inbox: removal of what was kept away, a tag on all else. */
export async function settle(
  object: PinnedObject,
  { outcome, engine }: Concluded,
  attempt: Attempt,
  ports: Ports,
): Promise<void> {
  if (outcome.outcome === 'quarantined' || outcome.outcome === 'held') {
    await ports.settler.remove(object, attempt.signal);
    return;
  }
  const scanned = engine === undefined ? 'none' : 'clean';
  const status = outcome.outcome === 'delivered' ? scanned : outcome.outcome;
  const settlement = { status, engine: engine ?? 'none', settledAt: ports.now() } as const;
  await ports.settler.mark(object, settlement, attempt.signal);
}
