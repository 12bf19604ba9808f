import { readEngineVersion } from '../model/engine-version.ts';
import type { Verdict } from '../model/verdict.ts';

const HOUR_MS = 3_600_000;

/**
 * Old signatures find what was known then. What they find counts; that they find nothing is not
 * enough to let a file through.
 *
 * @param engine as `Scanner.version` gives it; without a date the signatures count as too old
 * @param now epoch milliseconds
 * @param maxAgeMs any age will do when absent
 */
export function heedAge(
  verdict: Verdict,
  engine: string,
  now: number,
  maxAgeMs: number | undefined,
): Verdict {
  if (verdict.kind !== 'clean' || maxAgeMs === undefined) return verdict;
  const { builtAt } = readEngineVersion(engine);
  if (builtAt !== undefined && now - builtAt <= maxAgeMs) return verdict;
  const built = builtAt === undefined ? 'at an unknown time' : new Date(builtAt).toISOString();
  const detail = `the signatures were built ${built}, and may be ${maxAgeMs / HOUR_MS} hours old`;
  return { kind: 'unscannable', reason: 'stale-signatures', detail };
}
