import { SQSClient } from '@aws-sdk/client-sqs';
import type { FoundLetter, LetterQueue } from '../../shared/dead-letters/dead-letter.ts';
import { readDeadLetter } from '../../shared/dead-letters/read-dead-letter.ts';
import { sqsDeadLetters } from '../../shared/dead-letters/sqs-dead-letters.ts';
import type { Target } from '../target.ts';

const LOGICAL_IDS: Readonly<Record<LetterQueue, string>> = {
  ingest: 'IngestDeadLetterQueue',
  undelivered: 'UndeliveredEventQueue',
  subscription: 'SubscriptionDeadLetterQueue',
  invocation: 'FailedInvocationQueue',
};

export const LETTER_QUEUES: readonly LetterQueue[] = [
  'ingest',
  'undelivered',
  'subscription',
  'invocation',
];

/** More than anybody reads; a command may be repeated for what is beyond. */
const MAX_LETTERS = 5_000;

/** Time for one command; then SQS gives back what a command that was killed had in hand. */
const HOLD_S = 300;

export type HeldLetter = {
  readonly letter: FoundLetter;
  /** Sends the letter's body to the ingest queue, as it was. */
  send(): Promise<void>;
  /** Takes the letter out of its queue for good. */
  remove(): Promise<void>;
};

/** Letters that nobody else has while this is open; disposing gives back what is left. */
export interface HeldQueues extends AsyncDisposable {
  /** The oldest first. */
  readonly letters: readonly HeldLetter[];
  /** Messages that are there, but could not be taken in hand. */
  readonly missingCount: number;
}

/** @throws the SDK's errors, and OpsError when the installation has no such queue */
export async function holdQueues(
  target: Target,
  queues: readonly LetterQueue[],
): Promise<HeldQueues> {
  await using stack = new AsyncDisposableStack();
  const sqs = stack.adopt(new SQSClient(target.settings('sqs')), (client) => client.destroy());
  const deadLetters = sqsDeadLetters(sqs);
  const signal = AbortSignal.timeout(HOLD_S * 1000);
  const ingestQueueUrl = target.physicalId('IngestQueue');
  const holds = await Promise.allSettled(
    queues.map(async (queue) => {
      const queueUrl = target.physicalId(LOGICAL_IDS[queue]);
      const options = { queueUrl, maxCount: MAX_LETTERS, holdS: HOLD_S };
      return { queue, inHand: await deadLetters.hold(options, signal) };
    }),
  );
  // All are over by now: what some have in hand goes back even if another one failed.
  const held = holds.flatMap((hold) => (hold.status === 'fulfilled' ? [hold.value] : []));
  for (const { inHand } of held) stack.use(inHand);
  for (const hold of holds) if (hold.status === 'rejected') throw hold.reason;
  const letters = held.flatMap(({ queue, inHand }) =>
    inHand.letters.map((raw) => ({
      letter: readDeadLetter(queue, raw),
      send: () => deadLetters.send(ingestQueueUrl, raw.body, signal),
      remove: () => inHand.remove(raw),
    })),
  );
  const missing = held.map(({ inHand }) => inHand.totalCount - inHand.letters.length);
  const parts = stack.move();
  return {
    letters: letters.toSorted((a, b) => a.letter.sentAt - b.letter.sentAt),
    missingCount: missing.reduce((sum, count) => sum + count, 0),
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}
