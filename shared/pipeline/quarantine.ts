import type { Evidence } from '../commit/quarantine.ts';
import type { PinnedObject } from '../model/arrival.ts';
import type { Ending } from '../model/outcome.ts';
import type { Attempt, Ports } from './ports.ts';

/** An ending that keeps a file out of the landing root. */
type Withheld = Exclude<Ending, { kind: 'delivered' }>;

/** Copies an object that must not land into quarantine, with the evidence beside it. */
export async function quarantine(
  ending: Withheld,
  engine: string,
  object: PinnedObject,
  attempt: Attempt,
  ports: Ports,
): Promise<Withheld> {
  const evidence: Evidence = {
    ...(ending.kind === 'quarantined'
      ? { verdict: 'infected', finding: ending.signature + where(ending) }
      : { verdict: 'unscannable', finding: `${ending.reason}: ${ending.detail}${where(ending)}` }),
    sha256: ending.sha256,
    engine,
    scannedAt: ports.now(),
  };
  await ports.quarantine.keep(object, evidence, attempt.signal);
  return ending;
}

/** What in the file it is about; the file itself needs no words. */
function where({ member }: Withheld): string {
  return member === undefined ? '' : ` (in ${member})`;
}
