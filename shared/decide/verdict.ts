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

/** `FOUND` names that mean "not everything was scanned", not "something was found". */
const LIMIT = 'Heuristics.Limits.Exceeded';
const ENCRYPTED = 'Heuristics.Encrypted';

/**
 * Bytes that were not scanned are never clean: the engine's OK is necessary, not sufficient. An
 * infection that it found outweighs a reason why it could not scan the rest.
 *
 * @param reply `undefined` when the engine was not asked, which only a finding allows
 */
export function judge(reply: ScanReply | undefined, finding: Finding | undefined): Verdict {
  const answered = judgeReply(reply);
  return answered?.kind === 'infected' || finding === undefined
    ? (answered ?? unscannable('limit', 'the engine was not asked'))
    : unscannable(finding.reason, finding.detail);
}

function judgeReply(reply: ScanReply | undefined): Verdict | undefined {
  switch (reply?.kind) {
    case undefined:
      return undefined;
    case 'ok':
      return { kind: 'clean' };
    case 'found':
      if (reply.signature.startsWith(LIMIT)) return unscannable('limit', reply.signature);
      if (reply.signature.startsWith(ENCRYPTED)) return unscannable('encrypted', reply.signature);
      return { kind: 'infected', signature: reply.signature };
    default:
      return assertNever(reply);
  }
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
      return { kind: 'quarantined', signature: verdict.signature, sha256 };
    case 'unscannable': {
      const { reason, detail } = verdict;
      return handlingOf(policy, reason) === 'deliver'
        ? { kind: 'delivered', landingPath, sha256, unscanned: `${reason}: ${detail}` }
        : { kind: 'held', reason, detail, sha256 };
    }
    default:
      return assertNever(verdict);
  }
}

/** What becomes of a file that could not be scanned as a whole. */
export function handlingOf(policy: PartnerPolicy, reason: UnscannableReason): 'hold' | 'deliver' {
  return policy.unscannable[reason] ?? 'hold';
}

type Unscannable = Extract<Verdict, { kind: 'unscannable' }>;

function unscannable(reason: UnscannableReason, detail: string): Unscannable {
  return { kind: 'unscannable', reason, detail };
}
