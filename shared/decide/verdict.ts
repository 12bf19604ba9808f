import { readEngineVersion } from '../model/engine-version.ts';
import type { Ending } from '../model/outcome.ts';
import type { PartnerPolicy } from '../model/partner-policy.ts';
import type { Finding, ScanReply, UnscannableReason, Verdict } from '../model/verdict.ts';
import { assertNever } from '../platform/assert-never.ts';

/**
 * The largest file the engine reads: 2 GiB less 3 bytes. ClamAV 1.4 scans nothing of larger ones.
 * https://docs.clamav.net/manual/Usage/Configuration.html (MaxFileSize)
 */
export const ENGINE_CEILING_BYTES = 2_147_483_645;

const HOUR_MS = 3_600_000;

/** Begins the `FOUND` names that are not signatures. */
const HEURISTIC = 'Heuristics.';
const ENCRYPTED = 'Heuristics.Encrypted';

/**
 * What the engine's reply says of a file by itself. An engine's heuristic is no signature: it is a
 * guess about harmless bytes as much as about others, so it holds and never alarms.
 */
export function judgeReply(reply: ScanReply): Verdict {
  switch (reply.kind) {
    case 'ok':
      return { kind: 'clean' };
    case 'found': {
      const { signature } = reply;
      if (!signature.startsWith(HEURISTIC)) return { kind: 'infected', signature };
      return unscannable(reasonOfHeuristic(signature), signature);
    }
    default:
      return assertNever(reply);
  }
}

/** An engine's limits have more names than `Heuristics.Limits`: `Heuristics.XZ.DicSizeLimit` is one. */
function reasonOfHeuristic(signature: string): UnscannableReason {
  if (signature.startsWith(ENCRYPTED)) return 'encrypted';
  return /limit/i.test(signature) ? 'limit' : 'heuristic';
}

export function unscannableFor({ reason, detail, member }: Finding): Unscannable {
  return { ...unscannable(reason, detail), ...(member !== undefined && { member }) };
}

/**
 * The graver of two verdicts about parts of one file; the first of two that are alike. A heuristic
 * is the least of the reasons to hold a file: a partner's policy may have it delivered, and then
 * everything else must have been looked at.
 */
export function worse(one: Verdict, other: Verdict): Verdict {
  return gravity(other) > gravity(one) ? other : one;
}

function gravity(verdict: Verdict): number {
  if (verdict.kind === 'clean') return 0;
  if (verdict.kind === 'infected') return 3;
  return verdict.reason === 'heuristic' ? 1 : 2;
}

/** The same verdict, about the file that this one is in. */
export function inMember(verdict: Verdict, name: string): Verdict {
  if (verdict.kind === 'clean') return verdict;
  const inner = verdict.member === undefined ? [] : [verdict.member];
  return { ...verdict, member: [name, ...inner].join(' > ') };
}

/** The verdict that size alone gives, before anything is downloaded. */
export function judgeSize(sizeBytes: number): Unscannable | undefined {
  if (sizeBytes <= ENGINE_CEILING_BYTES) return undefined;
  const detail = `${sizeBytes} bytes; the engine reads at most ${ENGINE_CEILING_BYTES}`;
  return unscannable('oversize', detail);
}

/**
 * The ending of a file that is held for its size, without being read; `undefined`: read it.
 *
 * @param roomBytes no larger file can be staged, and so none can be delivered, whatever the policy says
 */
export function holdBySize(
  sizeBytes: number,
  policy: PartnerPolicy,
  roomBytes: number,
): Extract<Ending, { kind: 'held' }> | undefined {
  if (sizeBytes > roomBytes) {
    const detail = `${sizeBytes} bytes; the ingest's disk has room for ${roomBytes}`;
    return { kind: 'held', reason: 'oversize', detail, sha256: undefined };
  }
  const verdict = judgeSize(sizeBytes);
  if (verdict === undefined || handlingOf(policy, verdict.reason) === 'deliver') return undefined;
  const { reason, detail } = verdict;
  return { kind: 'held', reason, detail, sha256: undefined };
}

/**
 * A clean verdict by signatures that are too old is not enough; what they do find counts.
 *
 * @param engine as `Scanner.version` returns it; without a date the signatures count as too old
 * @param now epoch milliseconds
 * @param maxAgeMs any age when absent
 */
export function requireFreshSignatures(
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
  return unscannable('stale-signatures', detail);
}

/**
 * Clean is delivered, infected is quarantined, and what could not be scanned is held, unless the
 * partner's policy wants it delivered.
 */
export function conclude(
  verdict: Verdict,
  facts: { readonly landingPath: string; readonly sha256: string | undefined },
  policy: PartnerPolicy,
): Ending {
  const { landingPath, sha256 } = facts;
  switch (verdict.kind) {
    case 'clean':
      return { kind: 'delivered', landingPath, sha256 };
    case 'infected':
      return { kind: 'quarantined', signature: verdict.signature, ...memberOf(verdict), sha256 };
    case 'unscannable': {
      const { reason, detail } = verdict;
      const member = memberOf(verdict);
      return handlingOf(policy, reason) === 'deliver'
        ? { kind: 'delivered', landingPath, sha256, ...member, unscanned: `${reason}: ${detail}` }
        : { kind: 'held', reason, detail, ...member, sha256 };
    }
    default:
      return assertNever(verdict);
  }
}

/** What becomes of a file that could not be scanned as a whole. */
export function handlingOf(policy: PartnerPolicy, reason: UnscannableReason): 'hold' | 'deliver' {
  return policy.unscannable[reason] ?? 'hold';
}

function memberOf({ member }: { readonly member?: string }): { readonly member?: string } {
  return member === undefined ? {} : { member };
}

type Unscannable = Extract<Verdict, { kind: 'unscannable' }>;

function unscannable(reason: UnscannableReason, detail: string): Unscannable {
  return { kind: 'unscannable', reason, detail };
}
