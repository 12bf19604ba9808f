import { assertNever } from '../../platform/assert-never.ts';
import { homeMappingsOf, startOf } from '../session/home-mappings.ts';
import { isInNetworks } from '../partner/network.ts';
import { formatProblems } from '../partner/parse-partner.ts';
import type { Partner } from '../partner/partner.ts';
import type { PartnerLookup } from '../partner/partner-directory.ts';
import { PolicyTooLong, type PolicySettings, sessionPolicyOf } from '../session/session-policy.ts';
import type { LoginAnswer, LoginHome, LoginRequest } from './transfer-login.ts';

/** Why a login is denied. Stable names: logs and alarms key on them. */
type DenialReason =
  | 'unknown-partner'
  | 'invalid-document'
  | 'disabled'
  | 'protocol'
  | 'network'
  | 'wrong-password'
  | 'no-valid-key'
  | 'policy-too-long'
  | 'too-many-guesses';

export type LoginDecision =
  | { readonly kind: 'allowed'; readonly answer: LoginAnswer }
  | {
      readonly kind: 'denied';
      readonly reason: DenialReason;
      /** For the log; never sent to the client. */
      readonly detail: string;
      /** Whether the mistake is the operator's rather than the client's. */
      readonly isOurs: boolean;
    };

export type LoginFacts = {
  readonly found: PartnerLookup;
  /** undefined for a login by key. */
  readonly isRightPassword: boolean | undefined;
  /** Epoch milliseconds. */
  readonly now: number;
};

export type LoginSettings = PolicySettings & { readonly roleArn: string };

/** Decides a login. The first check that fails is the reason; the client is never told which. */
export function decideLogin(
  request: Pick<LoginRequest, 'protocol' | 'sourceIp'>,
  facts: LoginFacts,
  settings: LoginSettings,
): LoginDecision {
  const { found } = facts;
  switch (found.kind) {
    case 'nobody':
      return denied('unknown-partner', 'there is no such partner');
    case 'invalid':
      return misconfigured('invalid-document', formatProblems(found.problems));
    case 'partner':
      return denialOf(found.partner, request, facts) ?? allow(found.partner, facts, settings);
    default:
      return assertNever(found);
  }
}

/** A partner's keys that have not expired, as Transfer compares them. */
function validKeysOf({ publicKeys }: Pick<Partner, 'publicKeys'>, now: number): string[] {
  return publicKeys
    .filter(({ expiresAt }) => expiresAt === undefined || Date.parse(expiresAt) > now)
    .map(({ key }) => key);
}

function denialOf(
  partner: Partner,
  { protocol, sourceIp }: Pick<LoginRequest, 'protocol' | 'sourceIp'>,
  { isRightPassword, now }: LoginFacts,
): LoginDecision | undefined {
  if (!partner.enabled) return denied('disabled', 'the partner is disabled');
  if (!partner.protocols.some((allowed) => allowed === protocol)) {
    return denied('protocol', `${protocol} is not among ${partner.protocols.join(', ')}`);
  }
  if (!isInNetworks(sourceIp, partner.allowedNetworks)) {
    return denied('network', `${sourceIp} is not in ${partner.allowedNetworks.join(', ')}`);
  }
  if (isRightPassword === false) {
    return partner.password === undefined
      ? denied('wrong-password', 'the partner has no password')
      : denied('wrong-password', 'the password is wrong');
  }
  if (isRightPassword === undefined && validKeysOf(partner, now).length === 0) {
    const { length } = partner.publicKeys;
    return denied(
      'no-valid-key',
      length === 0 ? 'the partner has no keys' : 'all keys have expired',
    );
  }
  return undefined;
}

function allow(
  partner: Partner,
  { isRightPassword, now }: LoginFacts,
  settings: LoginSettings,
): LoginDecision {
  try {
    return {
      kind: 'allowed',
      answer: {
        Role: settings.roleArn,
        Policy: sessionPolicyOf(partner, settings),
        ...homeOf(partner, settings.inboxBucket),
        // Transfer rejects an answer with keys to a login by password.
        ...(isRightPassword === undefined && { PublicKeys: validKeysOf(partner, now) }),
      },
    };
  } catch (error) {
    if (error instanceof PolicyTooLong) return misconfigured('policy-too-long', error.message);
    throw error;
  }
}

function homeOf(partner: Partner, inboxBucket: string): LoginHome {
  if (partner.homePath !== undefined) {
    return { HomeDirectoryType: 'PATH', HomeDirectory: startOf(partner, inboxBucket) };
  }
  const homes = homeMappingsOf(partner, inboxBucket);
  return { HomeDirectoryType: 'LOGICAL', HomeDirectoryDetails: JSON.stringify(homes) };
}

function denied(reason: DenialReason, detail: string): LoginDecision {
  return { kind: 'denied', reason, detail, isOurs: false };
}

function misconfigured(reason: DenialReason, detail: string): LoginDecision {
  return { kind: 'denied', reason, detail, isOurs: true };
}
