import type { PartnerPolicy } from '../model/partner-policy.ts';
import type { UnscannableReason } from '../model/verdict.ts';

export type PolicyAdmission =
  | { readonly kind: 'admit' }
  /** In words, for the partner's operator. */
  | { readonly kind: 'refuse'; readonly reason: string };

/** Whether a partner may send such a file at all: by its name's ending and its size. */
export function admitByPolicy(
  policy: PartnerPolicy,
  key: string,
  sizeBytes: number,
): PolicyAdmission {
  const { maxSizeBytes, allowedExtensions, refusedExtensions = [] } = policy;
  const name = key.toLowerCase();
  const hasEnding = (ending: string): boolean => name.endsWith(ending);
  const refused = refusedExtensions.find(hasEnding);
  if (refused !== undefined)
    return refuse(`the partner's policy refuses files that end in ${refused}`);
  if (allowedExtensions !== undefined && !allowedExtensions.some(hasEnding)) {
    return refuse(
      `the partner's policy admits only files that end in ${allowedExtensions.join(', ')}`,
    );
  }
  if (maxSizeBytes !== undefined && sizeBytes > maxSizeBytes) {
    return refuse(`${sizeBytes} bytes; the partner's policy admits at most ${maxSizeBytes}`);
  }
  return { kind: 'admit' };
}

/** What becomes of a file that could not be looked at as a whole. */
export function handlingOf(policy: PartnerPolicy, reason: UnscannableReason): 'hold' | 'deliver' {
  return policy.unscannable[reason] ?? 'hold';
}

function refuse(reason: string): PolicyAdmission {
  return { kind: 'refuse', reason };
}
