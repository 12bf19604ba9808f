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
  /** False: the function's response is ignored, and a batch succeeds or fails as a whole. */
  readonly partialFailures: boolean;
  /** Concurrent batches. */
  readonly maximumConcurrency: number;
  readonly invoke: (event: unknown) => Promise<unknown>;
  /** Called when a batch or a poll failed; the messages become visible again. */
  readonly onError: (error: unknown) => void;
};

/** SQS's maximum. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-short-and-long-polling.html */
const LONG_POLL_S = 20;

const BatchResponse = v.object({
  batchItemFailures: v.optional(v.array(v.object({ itemIdentifier: v.string() })), []),
});

/** After a failed poll, so that a missing queue does not cause a busy loop. */
const PAUSE_AFTER_ERROR_MS = 1_000;

/**
 * Feeds a queue to a function, as Lambda's SQS event source does: long polls, invokes with a
 * batch, deletes what succeeded and leaves the rest to its visibility timeout. Disposing stops
 * polling and leaves running batches to their visibility timeout, as the end of the process would.
 */
export function startEventSourceMapping(options: EventSourceMappingOptions): AsyncDisposable {
  const stopping = new AbortController();
  const stopped = once(stopping.signal, 'abort');
  const running = new Set<Promise<void>>();
  const polling = poll();

  async function poll(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        const messages = await receive(options, stopping.signal);
        if (messages.length > 0) track(handle(messages, options));
        // At the limit, wait before the next poll: messages that cannot be handled yet stay visible.
        if (running.size >= options.maximumConcurrency) await Promise.race([...running, stopped]);
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
      .finally(() => running.delete(tracked));
    running.add(tracked);
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

/** A response that Lambda would reject fails the whole batch. */
function failedIds(response: unknown, messages: readonly Message[]): Set<string | undefined> {
  const { batchItemFailures } = v.parse(BatchResponse, response ?? {});
  const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
  const unknownId = [...failed].find((id) => !messages.some(({ MessageId }) => MessageId === id));
  if (unknownId === undefined) return failed;
  throw new Error(`the function reported a failure of ${unknownId}, which was not in the batch`);
}
