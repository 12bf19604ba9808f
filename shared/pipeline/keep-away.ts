import type { Evidence } from '../commit/quarantine.ts';
import type { PinnedObject } from '../model/arrival.ts';
import type { Ending } from '../model/outcome.ts';
import type { Attempt, Concluded, Ports } from './ports.ts';

type Away = Concluded & { readonly outcome: Ending };

/** Copies an object that must not land into quarantine, with the evidence beside it. */
export async function keepAway(
  concluded: Away,
  object: PinnedObject,
  attempt: Attempt,
  ports: Ports,
): Promise<Concluded> {
  const { outcome, engine } = concluded;
  if (outcome.outcome === 'delivered') throw new Error('a delivered object is not kept away');
  const evidence: Evidence = {
    ...(outcome.outcome === 'quarantined'
      ? { verdict: 'infected', finding: outcome.signature }
      : { verdict: 'unscannable', finding: `${outcome.reason}: ${outcome.detail}` }),
    sha256: outcome.sha256,
    engine: engine ?? 'none',
    scannedAt: ports.now(),
  };
  await ports.quarantine.keep(object, evidence, attempt.signal);
  return concluded;
}
