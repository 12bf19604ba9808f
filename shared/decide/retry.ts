import type { Disposition } from '../model/ingest-error.ts';

export type RetryPolicy = {
  /** The queue's redrive limit: after this receive count SQS itself dead-letters the message. */
  readonly maxReceiveCount: number;
  /** Seconds until the second try; doubles with each receive. */
  readonly retryBaseS: number;
};

/** The maximum of SQS, 12 hours. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibility.html */
const MAX_VISIBILITY_S = 43_200;

/**
 * What to do with a failed message: seconds to hide it for, or `dead-letter`. At its last receive
 * we dead-letter it with the reason, before SQS does it without one.
 */
export function nextMove(
  disposition: Disposition,
  receiveCount: number,
  policy: RetryPolicy,
): { readonly hideForS: number } | 'dead-letter' {
  if (disposition === 'dead-letter' || receiveCount >= policy.maxReceiveCount) return 'dead-letter';
  const hideForS = policy.retryBaseS * 2 ** (receiveCount - 1);
  return { hideForS: Math.min(Math.round(hideForS), MAX_VISIBILITY_S) };
}
