import { SQSClient } from '@aws-sdk/client-sqs';
import type { DeadLetter, DeadLetterQueue } from '../../shared/dead-letters/dead-letter.ts';
import { LEASE_S } from '../../shared/dead-letters/dead-letters.ts';
import { readDeadLetter } from '../../shared/dead-letters/read-dead-letter.ts';
import { sqsDeadLetters } from '../../shared/dead-letters/sqs-dead-letters.ts';
import type { Target } from '../target.ts';

const LOGICAL_IDS: Readonly<Record<DeadLetterQueue, string>> = {
  ingest: 'IngestDeadLetterQueue',
  undelivered: 'UndeliveredEventQueue',
  subscription: 'SubscriptionDeadLetterQueue',
  invocation: 'FailedInvocationQueue',
};

/** Per queue; a command may be repeated for the rest. */
const MAX_MESSAGES = 5_000;

export type LeasedMessage = {
  readonly deadLetter: DeadLetter;
  /** Sends the unchanged body to the ingest queue. */
  send(): Promise<void>;
  /** Deletes the message from its queue. */
  remove(): Promise<void>;
};

/**
 * Messages that are invisible to others while this is open; disposing makes the rest visible again. The
 * lease is short, and renewed until then.
 */
export interface LeasedQueues extends AsyncDisposable {
  /** The oldest first. */
  readonly messages: readonly LeasedMessage[];
  /** About how many more the queues have, which others have in hand; SQS's count may be a minute old. */
  readonly inHandCount: number;
  /** Gives back at once all but these. */
  keepOnly(messages: readonly LeasedMessage[]): Promise<void>;
}

/**
 * @param signal gives up, and gives back what was leased
 * @throws the SDK's errors, the signal's reason, and OpsError when the installation has no such queue
 */
export async function leaseQueues(
  target: Target,
  queues: readonly DeadLetterQueue[],
  signal: AbortSignal,
): Promise<LeasedQueues> {
  await using stack = new AsyncDisposableStack();
  const sqs = stack.adopt(new SQSClient(target.settings('sqs')), (client) => client.destroy());
  const deadLetters = sqsDeadLetters(sqs);
  const ingestQueueUrl = target.physicalId('IngestQueue');
  const results = await Promise.allSettled(
    queues.map(async (queue) => {
      const queueUrl = target.physicalId(LOGICAL_IDS[queue]);
      const options = { queueUrl, maxCount: MAX_MESSAGES, leaseS: LEASE_S };
      return { queue, leased: await deadLetters.lease(options, signal) };
    }),
  );
  // If one lease failed, the others are released before the error is thrown.
  const leases = results.flatMap((it) => (it.status === 'fulfilled' ? [it.value] : []));
  for (const { leased } of leases) stack.use(leased);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
  const messages = leases.flatMap(({ queue, leased }) =>
    leased.messages.map((raw) => ({
      deadLetter: readDeadLetter(queue, raw),
      // Not interrupted: half-sent, nobody knew whether it was sent.
      send: () => deadLetters.send(ingestQueueUrl, raw.body, AbortSignal.timeout(LEASE_S * 1000)),
      remove: () => leased.remove(raw),
    })),
  );
  const inHand = leases.map(({ leased }) => leased.totalCount - leased.messages.length);
  const parts = stack.move();
  return {
    messages: messages.toSorted((a, b) => a.deadLetter.sentAt - b.deadLetter.sentAt),
    inHandCount: inHand.reduce((sum, count) => sum + count, 0),
    async keepOnly(kept) {
      const keptSet = new Set(kept);
      for (const { leased } of leases) {
        const others = messages.filter((message) => !keptSet.has(message));
        const ids = new Set(others.map(({ deadLetter }) => deadLetter.messageId));
        await leased.release(leased.messages.filter(({ messageId }) => ids.has(messageId)));
      }
    },
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

/** The dead-letter queue of the ingest, looked at from time to time. */
export interface RefusalWatch extends Disposable {
  /** About how many messages it has. */
  count(): Promise<number>;
  /** All that can be read now; they are given back at once. */
  read(): Promise<readonly DeadLetter[]>;
}

export function watchRefusals(target: Target, signal: AbortSignal): RefusalWatch {
  const sqs = new SQSClient(target.settings('sqs'));
  const deadLetters = sqsDeadLetters(sqs);
  const queueUrl = target.physicalId(LOGICAL_IDS.ingest);
  return {
    count: () => deadLetters.count(queueUrl, signal),
    async read() {
      const options = { queueUrl, maxCount: MAX_MESSAGES, leaseS: LEASE_S };
      await using leased = await deadLetters.lease(options, signal);
      return leased.messages.map((raw) => readDeadLetter('ingest', raw));
    },
    [Symbol.dispose]: () => sqs.destroy(),
  };
}
