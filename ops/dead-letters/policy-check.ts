import { HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { DeadLetter } from '../../shared/dead-letters/dead-letter.ts';
import { admitByPolicy } from '../../shared/decide/admission.ts';
import { POLICY_FRESH_FOR_MS } from '../../shared/identity/partner/partner-policies.ts';
import {
  partnerKey,
  s3PartnerDirectory,
} from '../../shared/identity/partner/s3-partner-directory.ts';
import type { PartnerLookup } from '../../shared/identity/partner/partner-directory.ts';
import { isNotFound } from '../../shared/s3/errors.ts';
import type { Target } from '../target.ts';

/** S3 records whole seconds, and no two clocks agree. */
const S3_CLOCK_MS = 2_000;

/** What stands against redriving a dead letter, or should be known before. */
export type PolicyFinding =
  /** The policy that refused it exists no more, so nobody has decided that it may be delivered. */
  | { readonly kind: 'lost'; readonly why: string }
  /** Somebody has changed the policy since; delivering it is most likely why. */
  | {
      readonly kind: 'changed';
      readonly why: string;
      /** Epoch milliseconds: until then the ingest may still apply the policy of before. */
      readonly inEffectAt: number;
    };

/**
 * Looks whether files that a partner's policy refused would be refused again. A partner whose document
 * is gone or not valid gets the safe policy, which refuses nothing by name or size: without this check,
 * removing a partner and redriving would deliver what its policy refused.
 */
export async function checkPolicies(
  target: Target,
  deadLetters: readonly DeadLetter[],
): Promise<Map<DeadLetter, PolicyFinding>> {
  const refused = deadLetters.filter(({ code }) => code === 'POLICY_REFUSED');
  if (refused.length === 0) return new Map();
  const s3 = new S3Client(target.settings('s3'));
  try {
    const partners = s3PartnerDirectory(s3, target.physicalId('ConfigBucket'), {
      freshForMs: Number.POSITIVE_INFINITY,
    });
    const inEffectAt = async (partner: string): Promise<number> =>
      (await changedAt(s3, target, partner)) + POLICY_FRESH_FOR_MS + S3_CLOCK_MS;
    const findings = new Map<DeadLetter, PolicyFinding>();
    for (const deadLetter of refused) {
      const { partner } = deadLetter;
      const finding =
        partner === undefined
          ? ({ kind: 'lost', why: 'its partner is not recorded' } as const)
          : judge(deadLetter, partner, await partners.find(partner), await inEffectAt(partner));
      if (finding !== undefined) findings.set(deadLetter, finding);
    }
    return findings;
  } finally {
    s3.destroy();
  }
}

/** Epoch milliseconds of the last change of a partner's document; 0 where there is none. */
async function changedAt(s3: S3Client, target: Target, partner: string): Promise<number> {
  try {
    const { LastModified } = await s3.send(
      new HeadObjectCommand({
        Bucket: target.physicalId('ConfigBucket'),
        Key: partnerKey(partner),
      }),
    );
    return LastModified?.getTime() ?? 0;
  } catch (error) {
    if (isNotFound(error)) return 0;
    throw error;
  }
}

/** Pure. */
function judge(
  { key = '', sizeBytes = 0 }: DeadLetter,
  partner: string,
  found: PartnerLookup,
  inEffectAt: number,
): PolicyFinding | undefined {
  switch (found.kind) {
    case 'nobody':
      return { kind: 'lost', why: `the partner ${partner} whose policy refused it was removed` };
    case 'invalid':
      return { kind: 'lost', why: `the document of the partner ${partner} is not valid` };
    case 'partner':
      return admitByPolicy(found.partner.policy, key, sizeBytes).kind === 'admit'
        ? {
            kind: 'changed',
            why: `the policy of ${partner} was changed since, and admits it now`,
            inEffectAt,
          }
        : undefined;
    default:
      return found satisfies never;
  }
}
