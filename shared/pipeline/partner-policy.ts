import { admitByPolicy } from '../decide/partner-policy.ts';
import type { PinnedObject } from '../model/arrival.ts';
import type { PartnerPolicy } from '../model/partner-policy.ts';
import { IngestError } from '../model/ingest-error.ts';
import type { Attempt, Ports } from './ports.ts';

/**
 * The policy of whoever uploaded the object, where it admits the object.
 *
 * @throws IngestError `POLICY_REFUSED`; never for a file that was delivered and is landed again
 */
export async function policyFor(
  object: PinnedObject,
  { relanding }: Pick<Attempt, 'relanding'>,
  ports: Pick<Ports, 'partners'>,
): Promise<PartnerPolicy> {
  const policy = await ports.partners.policyOf(object.partner);
  const decision = admitByPolicy(policy, object.key, object.sizeBytes);
  if (decision.kind === 'refuse' && !relanding) {
    throw new IngestError('POLICY_REFUSED', decision.reason);
  }
  return policy;
}
