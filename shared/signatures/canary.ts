import type { Sample } from './samples.ts';
import type { Trial } from './trial.ts';

export type CanaryRules = {
  /** Every one must be found. */
  readonly infected: readonly Sample[];
  /** None may be found. */
  readonly harmless: readonly Sample[];
  readonly memoryCapMb: number;
};

/**
 * Why a loaded database must not be published; `undefined` when it may. Every worker loads a
 * published one within minutes: if it finds nothing everything passes, if it finds too much every
 * file is quarantined, if it is too large the workers run out of memory.
 */
export async function findDefect(
  trial: Trial,
  rules: CanaryRules,
  signal: AbortSignal,
): Promise<string | undefined> {
  for (const sample of rules.infected) {
    const reply = await trial.scan(sample, signal);
    if (reply.kind === 'ok') return `it does not find ${sample.name}`;
    if (!/eicar/i.test(reply.signature)) return `it takes ${sample.name} for ${reply.signature}`;
  }
  for (const sample of rules.harmless) {
    const reply = await trial.scan(sample, signal);
    if (reply.kind === 'found') return `it finds ${reply.signature} in harmless ${sample.name}`;
  }
  const memoryMb = await trial.peakMemoryMb();
  if (memoryMb > rules.memoryCapMb) {
    return `it takes ${Math.ceil(memoryMb)} MiB of memory, more than the ${rules.memoryCapMb} that are allowed`;
  }
  return undefined;
}
