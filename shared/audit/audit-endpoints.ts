import PQueue from 'p-queue';
import { describeError } from '../platform/errors.ts';
import type { Finding } from './finding.ts';
import type { Observation, Regions, Servers } from './servers.ts';
import { formatFinding } from './format-finding.ts';

export type AuditPorts = {
  readonly regions: Regions;
  readonly servers: Servers;
  /** Epoch milliseconds. */
  readonly now: () => number;
};

export type AuditOptions = {
  /** Only these; empty: all that are enabled. */
  readonly onlyRegions: readonly string[];
  /** Regions inspected at once. */
  readonly concurrency: number;
  /** Milliseconds for one region, so that one that does not reply leaves time for the others. */
  readonly regionTimeMs: number;
};

/**
 * Inspects every Transfer server of the account. Read-only.
 *
 * One finding per server, one per region that could not be read. If the regions cannot be listed,
 * only the home region is inspected, and a finding says so.
 *
 * @returns the most severe first
 */
export async function auditEndpoints(
  ports: AuditPorts,
  options: AuditOptions,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const { regions, gap } = await chooseRegions(ports.regions, options.onlyRegions, signal);
  const observe = async (region: string): Promise<Observation[]> => {
    const regionSignal = AbortSignal.any([signal, AbortSignal.timeout(options.regionTimeMs)]);
    return await Array.fromAsync(ports.servers.observe(region, regionSignal));
  };
  const queue = new PQueue({ concurrency: options.concurrency });
  const observed = await queue.addAll(regions.map((region) => () => observe(region)));
  const at = ports.now();
  return [...gap, ...observed.flat()]
    .map((observation) => formatFinding(observation, at))
    .toSorted(bySeverity);
}

type Choice = { readonly regions: readonly string[]; readonly gap: readonly Observation[] };

async function chooseRegions(
  regions: Regions,
  only: readonly string[],
  signal: AbortSignal,
): Promise<Choice> {
  if (only.length > 0) return { regions: [...new Set(only)], gap: [] };
  try {
    return { regions: await regions.enabled(signal), gap: [] };
  } catch (error) {
    const region = await regions.home();
    const inspected = [region];
    const reason = describeError(error);
    return { regions: inspected, gap: [{ kind: 'unlisted regions', region, reason, inspected }] };
  }
}

const SEVERITIES = ['high', 'medium', 'low', 'passed'];

function bySeverity(a: Finding, b: Finding): number {
  return (
    SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
    a.region.localeCompare(b.region) ||
    (a.server?.id ?? '').localeCompare(b.server?.id ?? '')
  );
}
