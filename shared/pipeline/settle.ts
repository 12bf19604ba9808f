import type { PinnedObject } from '../model/arrival.ts';
import type { Outcome } from '../model/outcome.ts';
import type { Attempt, Concluded, Ports } from './ports.ts';

/** Records the ending in the inbox: removal of what was kept away, a tag on all else. */
export async function settle(
  object: PinnedObject,
  { outcome, engine }: Concluded,
  attempt: Attempt,
  ports: Ports,
): Promise<void> {
  if (outcome.kind === 'quarantined' || outcome.kind === 'held') {
    await ports.settler.remove(object, attempt.signal);
    return;
  }
  const status = outcome.kind === 'delivered' ? statusOf(outcome, engine) : outcome.kind;
  const settlement = { status, engine: engine ?? 'none', settledAt: ports.now() } as const;
  await ports.settler.mark(object, settlement, attempt.signal);
}

function statusOf(
  { unscanned }: Extract<Outcome, { kind: 'delivered' }>,
  engine: string | undefined,
): 'clean' | 'none' | 'unscanned' {
  if (unscanned !== undefined) return 'unscanned';
  return engine === undefined ? 'none' : 'clean';
}
