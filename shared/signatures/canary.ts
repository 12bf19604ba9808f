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
 * Why a database that was loaded must not be published; `undefined` when it may. Every worker would
 * load it within minutes: one that finds nothing lets everything through, one that finds too much
 * sends every file to quarantine, one that is too large ends the workers.
 */
export async function whyUnfit(
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
