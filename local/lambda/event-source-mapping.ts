import { once } from 'node:events';
import {
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import { sqsEvent } from './sqs-event.ts';

export type EventSourceMappingOptions = {
  readonly sqs: SQSClient;
  readonly queueUrl: string;
  readonly queueArn: string;
  readonly batchSize: number;
  /** False: the function's answer is ignored, and a batch succeeds or fails as a whole. */
  readonly partialFailures: boolean;
  /** Batches in the function at once. */
  readonly maximumConcurrency: number;
  readonly invoke: (event: unknown) => Promise<unknown>;
  /** Told when a batch, or the polling itself, failed; the messages come back. */
  readonly onError: (error: unknown) => void;
};

/** SQS's longest. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-short-and-long-polling.html */
const LONG_POLL_S = 20;

const BatchResponse = v.object({
  batchItemFailures: v.optional(v.array(v.object({ itemIdentifier: v.string() })), []),
});

/** Between polls that failed, so that a queue that is gone does not burn a core. */
const PAUSE_AFTER_ERROR_MS = 1_000;

/**
 * Feeds a queue to a function, as Lambda's SQS event source does: long polls, invokes with a
 * batch, deletes what succeeded and leaves the rest to its visibility timeout. Disposing stops
 * polling and leaves batches under way to their visibility timeout, as the end of the process would.
 */
export function startEventSourceMapping(options: EventSourceMappingOptions): AsyncDisposable {
  const stopping = new AbortController();
  const stopped = once(stopping.signal, 'abort');
  const underWay = new Set<Promise<void>>();
  const polling = poll();

  async function poll(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        const messages = await receive(options, stopping.signal);
        if (messages.length > 0) track(handle(messages, options));
        // A message that no invocation can take yet stays visible, so wait before the next poll.
        if (underWay.size >= options.maximumConcurrency) await Promise.race([...underWay, stopped]);
      } catch (error) {
        if (stopping.signal.aborted) return;
        options.onError(error);
        await sleep(PAUSE_AFTER_ERROR_MS, undefined, { signal: stopping.signal }).catch(() => {});
      }
    }
  }

  function track(batch: Promise<void>): void {
    const tracked = batch
      .catch((error: unknown) => {
        if (!stopping.signal.aborted) options.onError(error);
      })
      .finally(() => underWay.delete(tracked));
    underWay.add(tracked);
  }

  return {
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await polling;
    },
  };
}

async function receive(
  { sqs, queueUrl, batchSize }: EventSourceMappingOptions,
  signal: AbortSignal,
): Promise<readonly Message[]> {
  const command = new ReceiveMessageCommand({
    QueueUrl: queueUrl,
    MaxNumberOfMessages: batchSize,
    WaitTimeSeconds: LONG_POLL_S,
    MessageSystemAttributeNames: ['All'],
    MessageAttributeNames: ['All'],
  });
  const { Messages = [] } = await sqs.send(command, { abortSignal: signal });
  return Messages;
}

async function handle(
  messages: readonly Message[],
  options: EventSourceMappingOptions,
): Promise<void> {
  const response = await options.invoke(sqsEvent(messages, options.queueArn));
  const failed = options.partialFailures ? failedIds(response, messages) : new Set();
  const done = messages.filter(({ MessageId }) => !failed.has(MessageId));
  if (done.length === 0) return;
  await options.sqs.send(
    new DeleteMessageBatchCommand({
      QueueUrl: options.queueUrl,
      Entries: done.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle })),
    }),
  );
}

/** An answer that Lambda would not understand fails the whole batch. */
function failedIds(response: unknown, messages: readonly Message[]): Set<string | undefined> {
  const { batchItemFailures } = v.parse(BatchResponse, response ?? {});
  const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
  const stranger = [...failed].find((id) => !messages.some(({ MessageId }) => MessageId === id));
  if (stranger === undefined) return failed;
  throw new Error(`the function reported a failure of ${stranger}, which was not in the batch`);
}
