import type { Arrival } from '../model/arrival.ts';
import type { Outcome } from '../model/outcome.ts';
import { isUniqueVersion } from '../model/upload-id.ts';
import { type NoticeFacts, noticeOf } from '../notify/notice.ts';
import type { Attempt, Ports } from './ports.ts';

/** Tells subscribers, and hands the outcome back. `duplicate` had its notice the first time. */
export async function announce<T extends Exclude<Outcome, { outcome: 'duplicate' }>>(
  outcome: T,
  facts: Pick<NoticeFacts, 'arrival' | 'object' | 'engine' | 'stages'>,
  attempt: Pick<Attempt, 'messageId' | 'signal'>,
  ports: Pick<Ports, 'notifier' | 'now'>,
): Promise<T> {
  const notice = noticeOf(outcome, { ...facts, messageId: attempt.messageId, at: ports.now() });
  await ports.notifier.announce(notice, attempt.signal);
  return outcome;
}

/**
 * The ending of an upload that is not in the inbox any more. Only we take versions out of it, and
 * only after their ending was announced; without versioning that cannot be told from a deletion.
 */
export async function announceGone(
  arrival: Arrival,
  attempt: Pick<Attempt, 'messageId' | 'signal'>,
  ports: Pick<Ports, 'notifier' | 'now'>,
): Promise<Outcome> {
  if (isUniqueVersion(arrival.versionId)) return { outcome: 'duplicate' };
  return await announce({ outcome: 'superseded', by: 'deletion' }, { arrival }, attempt, ports);
}
