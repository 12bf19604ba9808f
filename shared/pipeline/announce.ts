import type { Arrival } from '../model/arrival.ts';
import type { Outcome } from '../model/outcome.ts';
import { isUniqueVersion } from '../model/upload-id.ts';
import { type NoticeFacts, noticeOf } from '../notify/notice.ts';
import type { Attempt, Ports } from './ports.ts';

/** Announces an outcome to subscribers, and returns it. That of a `duplicate` was announced before. */
export async function announce<T extends Exclude<Outcome, { kind: 'duplicate' }>>(
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
 * The ending of an upload that is no longer in the inbox. Versions are removed from it only by us,
 * after their ending was announced; without versioning, a deletion looks the same.
 */
export async function announceGone(
  arrival: Arrival,
  attempt: Pick<Attempt, 'messageId' | 'signal'>,
  ports: Pick<Ports, 'notifier' | 'now'>,
): Promise<Outcome> {
  if (isUniqueVersion(arrival.versionId)) return { kind: 'duplicate' };
  return await announce({ kind: 'superseded', by: 'deletion' }, { arrival }, attempt, ports);
}
