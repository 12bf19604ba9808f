import { type PartnerPolicy, SAFE_POLICY } from '../../model/partner-policy.ts';
import type { Log } from '../../platform/log.ts';
import { formatProblems } from './parse-partner.ts';
import type { PartnerDirectory } from './partner-directory.ts';

/** A changed policy is in effect after this time at the latest, as docs/partners.md promises. */
export const POLICY_FRESH_FOR_MS = 60_000;

/** Partners' policies, for the ingest. */
export interface PartnerPolicies {
  /**
   * Never rejects: if a policy cannot be read, returns the safe one, which holds every unscannable
   * file, and logs why.
   *
   * @param partner who uploaded, if known
   */
  policyOf(partner: string | undefined): Promise<PartnerPolicy>;
}

/** Reads policies from partners' documents. A disabled partner's policy still applies to its uploads. */
export function partnerPolicies(directory: PartnerDirectory, log: Log): PartnerPolicies {
  return {
    async policyOf(partner) {
      if (partner === undefined) return SAFE_POLICY;
      try {
        const found = await directory.find(partner);
        if (found.kind === 'partner') return found.partner.policy;
        if (found.kind === 'nobody') log.warn('partner has no document', { partner });
        else
          log.error('partner policy unusable', new Error(formatProblems(found.problems)), {
            partner,
          });
      } catch (error) {
        log.error('partner policy unreadable', error, { partner });
      }
      return SAFE_POLICY;
    },
  };
}
