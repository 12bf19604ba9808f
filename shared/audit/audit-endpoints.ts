import PQueue from 'p-queue';
import { describeError } from '../platform/errors.ts';
import type { Finding } from './finding.ts';
import type { Observation, Regions, Servers } from './servers.ts';
import { wordFinding } from './format-finding.ts';

export type AuditPorts = {
  readonly regions: Regions;
  readonly servers: Servers;
  /** Epoch milliseconds. */
  readonly now: () => number;
};

export type AuditOptions = {
  /** Only these; empty: all that are enabled. */
  readonly onlyRegions: readonly string[];
  /** Regions that are looked at at once. */
  readonly concurrency: number;
  /** Milliseconds for one region, so that one that does not answer leaves time for the others. */
  readonly regionTimeMs: number;
};

/**
 * Looks at every Transfer server of the account. Changes nothing; may be repeated at will.
 *
 * One finding per server, one per region that could not be looked at. Where nobody says which
 * regions there are, the home region is looked at, and that this is all is a finding of its own.
 *
 * @returns the gravest first
 */
export async function auditEndpoints(
  ports: AuditPorts,
  options: AuditOptions,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const { regions, gap } = await choose(ports.regions, options.onlyRegions, signal);
  const observe = async (region: string): Promise<Observation[]> => {
    const patience = AbortSignal.any([signal, AbortSignal.timeout(options.regionTimeMs)]);
    return await Array.fromAsync(ports.servers.observe(region, patience));
  };
  const queue = new PQueue({ concurrency: options.concurrency });
  const observed = await queue.addAll(regions.map((region) => () => observe(region)));
  const at = ports.now();
  return [...gap, ...observed.flat()]
    .map((observation) => wordFinding(observation, at))
    .toSorted(byGravity);
}

type Choice = { readonly regions: readonly string[]; readonly gap: readonly Observation[] };

async function choose(
  regions: Regions,
  only: readonly string[],
  signal: AbortSignal,
): Promise<Choice> {
  if (only.length > 0) return { regions: [...new Set(only)], gap: [] };
  try {
    return { regions: await regions.enabled(signal), gap: [] };
  } catch (error) {
    const region = await regions.home();
    const lookedAt = [region];
    const reason = describeError(error);
    return { regions: lookedAt, gap: [{ seen: 'unlisted regions', region, reason, lookedAt }] };
  }
}

const GRAVITY = ['high', 'medium', 'low', 'passed'];

function byGravity(a: Finding, b: Finding): number {
  return (
    GRAVITY.indexOf(a.severity) - GRAVITY.indexOf(b.severity) ||
    a.region.localeCompare(b.region) ||
    (a.server?.id ?? '').localeCompare(b.server?.id ?? '')
  );
}
