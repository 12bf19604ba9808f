import type { Evidence } from '../commit/quarantine.ts';
import type { PinnedObject } from '../model/arrival.ts';
import type { Ending } from '../model/outcome.ts';
import type { Attempt, Ports } from './ports.ts';

/** Copies an object that must not land into quarantine, with the evidence beside it. */
export async function keepAway(
  ending: Ending,
  engine: string,
  object: PinnedObject,
  attempt: Attempt,
  ports: Ports,
): Promise<Ending> {
  if (ending.kind === 'delivered') throw new Error('a delivered object is not kept away');
  const evidence: Evidence = {
    ...(ending.kind === 'quarantined'
      ? { verdict: 'infected', finding: ending.signature }
      : { verdict: 'unscannable', finding: `${ending.reason}: ${ending.detail}` }),
    sha256: ending.sha256,
    engine,
    scannedAt: ports.now(),
  };
  await ports.quarantine.keep(object, evidence, attempt.signal);
  return ending;
}
