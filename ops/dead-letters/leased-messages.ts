import { SQSClient } from '@aws-sdk/client-sqs';
import type { DeadLetter, DeadLetterQueue } from '../../shared/dead-letters/dead-letter.ts';
import { readDeadLetter } from '../../shared/dead-letters/read-dead-letter.ts';
import { sqsDeadLetters } from '../../shared/dead-letters/sqs-dead-letters.ts';
import type { Target } from '../target.ts';

const LOGICAL_IDS: Readonly<Record<DeadLetterQueue, string>> = {
  ingest: 'IngestDeadLetterQueue',
  undelivered: 'UndeliveredEventQueue',
  subscription: 'SubscriptionDeadLetterQueue',
  invocation: 'FailedInvocationQueue',
};

export const DEAD_LETTER_QUEUES: readonly DeadLetterQueue[] = [
  'ingest',
  'undelivered',
  'subscription',
  'invocation',
];

/** Per queue; a command may be repeated for the rest. */
const MAX_MESSAGES = 5_000;

/** Time for one command; if it is killed, SQS makes its messages visible again after this. */
const LEASE_S = 300;

export type LeasedMessage = {
  readonly deadLetter: DeadLetter;
  /** Sends the unchanged body to the ingest queue. */
  send(): Promise<void>;
  /** Deletes the message from its queue. */
  remove(): Promise<void>;
};

/** Messages that are invisible to others while this is open; disposing makes the rest visible again. */
export interface LeasedQueues extends AsyncDisposable {
  /** The oldest first. */
  readonly messages: readonly LeasedMessage[];
  /** Messages in the queues that could not be leased. */
  readonly missingCount: number;
}

/** @throws the SDK's errors, and OpsError when the installation has no such queue */
export async function leaseQueues(
  target: Target,
  queues: readonly DeadLetterQueue[],
): Promise<LeasedQueues> {
  await using stack = new AsyncDisposableStack();
  const sqs = stack.adopt(new SQSClient(target.settings('sqs')), (client) => client.destroy());
  const deadLetters = sqsDeadLetters(sqs);
  const signal = AbortSignal.timeout(LEASE_S * 1000);
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
      send: () => deadLetters.send(ingestQueueUrl, raw.body, signal),
      remove: () => leased.remove(raw),
    })),
  );
  const missing = leases.map(({ leased }) => leased.totalCount - leased.messages.length);
  const parts = stack.move();
  return {
    messages: messages.toSorted((a, b) => a.deadLetter.sentAt - b.deadLetter.sentAt),
    missingCount: missing.reduce((sum, count) => sum + count, 0),
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}
