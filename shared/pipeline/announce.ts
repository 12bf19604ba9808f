import type { Outcome } from '../model/outcome.ts';
import { type NoticeFacts, noticeOf } from '../notify/notice.ts';
import type { Attempt, Ports } from './ports.ts';

/** Tells subscribers, and hands the outcome back. `duplicate` had its notice the first time. */
export async function announce<T extends Exclude<Outcome, { outcome: 'duplicate' }>>(
  outcome: T,
  facts: Pick<NoticeFacts, 'arrival' | 'object' | 'engine'>,
  attempt: Pick<Attempt, 'messageId' | 'signal'>,
  ports: Pick<Ports, 'notifier' | 'now'>,
): Promise<T> {
  const notice = noticeOf(outcome, { ...facts, messageId: attempt.messageId, at: ports.now() });
  await ports.notifier.announce(notice, attempt.signal);
  return outcome;
}
