import { type PartnerPolicy, SAFE_POLICY } from '../../model/partner-policy.ts';
import type { Log } from '../../platform/log.ts';
import { wordProblems } from './parse-partner.ts';
import type { PartnerDirectory } from './partner-directory.ts';

/** What the ingest asks of partners' documents. */
export interface PartnerPolicies {
  /**
   * Never rejects: where there is no policy to be had, it is the safe one, which holds whatever could
   * not be scanned; why is logged.
   *
   * @param partner who uploaded, where that is known
   */
  policyOf(partner: string | undefined): Promise<PartnerPolicy>;
}

/** Reads policies from partners' documents. A disabled partner's policy still holds for what it has sent. */
export function partnerPolicies(directory: PartnerDirectory, log: Log): PartnerPolicies {
  return {
    async policyOf(partner) {
      if (partner === undefined) return SAFE_POLICY;
      try {
        const found = await directory.find(partner);
        if (found.kind === 'partner') return found.partner.policy;
        if (found.kind === 'nobody') log.warn('partner has no document', { partner });
        else
          log.error('partner policy unusable', new Error(wordProblems(found.problems)), {
            partner,
          });
      } catch (error) {
        log.error('partner policy unreadable', error, { partner });
      }
      return SAFE_POLICY;
    },
  };
}
