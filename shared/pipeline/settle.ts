import type { PinnedObject } from '../model/arrival.ts';
import type { Attempt, Concluded, Ports } from './ports.ts';

/** Records the ending in the inbox: a tag on what was delivered, removal of what was kept away. */
export async function settle(
  object: PinnedObject,
  { outcome, engine }: Concluded,
  attempt: Attempt,
  ports: Ports,
): Promise<void> {
  if (outcome.outcome !== 'delivered') {
    await ports.settler.remove(object, attempt.signal);
    return;
  }
  const status = engine === undefined ? 'none' : 'clean';
  const settlement = { status, engine: engine ?? 'none', settledAt: ports.now() } as const;
  await ports.settler.mark(object, settlement, attempt.signal);
}
