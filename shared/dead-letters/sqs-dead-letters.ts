import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { DeadLetters, LeaseOptions, RawMessage } from './dead-letters.ts';

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html */
const BATCH = 10;

/**
 * Long polling makes SQS query all of its servers, so that an empty reply means an empty queue. Not
 * needed once as many messages are leased as it has counted.
 */
const WAIT_S = 1;

/**
 * A receive is not interrupted: what SQS had already leased to it would stay hidden, with no handle to
 * give it back by. It ends by itself, at the latest after this.
 */
const RECEIVE_MS = 10_000;

/** Renewed three times within a lease, so that two calls may fail. */
const RENEWALS_PER_LEASE = 3;

/** The dead-letter queues of an installation. */
export function sqsDeadLetters(sqs: SQSClient): DeadLetters {
  return {
    async lease(options, signal) {
      const { queueUrl, maxCount, leaseS } = options;
      const { totalCount, retentionMs } = await measure(sqs, queueUrl, signal);
      /** The latest receipt handle of each message in hand; no other is valid. */
      const handles = new Map<string, string>();
      const leased: RawMessage[] = [];
      let renewal = Promise.resolve();
      const renew = (): void => {
        renewal = renewal.then(() =>
          changeVisibility(sqs, queueUrl, [...handles.values()], leaseS),
        );
      };
      const renewing = setInterval(renew, (leaseS * 1000) / RENEWALS_PER_LEASE).unref();
      const giveBack = async (messageIds: readonly string[]): Promise<void> => {
        const given = messageIds.flatMap((id) => handles.get(id) ?? []);
        for (const id of messageIds) handles.delete(id);
        // A renewal under way must not overtake this.
        await renewal;
        await changeVisibility(sqs, queueUrl, given, 0);
      };
      const release = async (): Promise<void> => {
        clearInterval(renewing);
        await giveBack([...handles.keys()]);
      };
      try {
        while (leased.length < maxCount) {
          signal.throwIfAborted();
          const isAll = totalCount > 0 && leased.length >= totalCount;
          const roomCount = maxCount - leased.length;
          const messages = await receive(sqs, options, roomCount, isAll ? 0 : WAIT_S);
          const news = messages.filter(({ MessageId = '' }) => !handles.has(MessageId));
          for (const { MessageId, ReceiptHandle } of messages) {
            if (MessageId && ReceiptHandle) handles.set(MessageId, ReceiptHandle);
          }
          // Nothing new: all are leased, or a lease has expired and they are received again.
          if (news.length === 0) break;
          leased.push(...news.map(toRawMessage));
        }
      } catch (error) {
        await release();
        throw error;
      }
      return {
        messages: leased,
        totalCount: Math.max(totalCount, leased.length),
        retentionMs,
        async remove({ messageId }) {
          const ReceiptHandle = handles.get(messageId);
          if (ReceiptHandle === undefined) return;
          await sqs.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle }));
          handles.delete(messageId);
        },
        release: (messages) => giveBack(messages.map(({ messageId }) => messageId)),
        [Symbol.asyncDispose]: release,
      };
    },

    async count(queueUrl, signal) {
      return (await measure(sqs, queueUrl, signal)).totalCount;
    },

    async send(queueUrl, body, signal) {
      const command = new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: body });
      await sqs.send(command, { abortSignal: signal });
    },
  };
}

async function measure(sqs: SQSClient, QueueUrl: string, signal: AbortSignal) {
  const command = new GetQueueAttributesCommand({
    QueueUrl,
    AttributeNames: [
      'ApproximateNumberOfMessages',
      'ApproximateNumberOfMessagesNotVisible',
      'ApproximateNumberOfMessagesDelayed',
      'MessageRetentionPeriod',
    ],
  });
  const { Attributes = {} } = await sqs.send(command, { abortSignal: signal });
  return {
    totalCount:
      Number(Attributes['ApproximateNumberOfMessages'] ?? 0) +
      Number(Attributes['ApproximateNumberOfMessagesNotVisible'] ?? 0) +
      Number(Attributes['ApproximateNumberOfMessagesDelayed'] ?? 0),
    retentionMs: Number(Attributes['MessageRetentionPeriod'] ?? 0) * 1000,
  };
}

async function receive(
  sqs: SQSClient,
  { queueUrl, leaseS }: LeaseOptions,
  roomCount: number,
  waitS: number,
): Promise<readonly Message[]> {
  const command = new ReceiveMessageCommand({
    QueueUrl: queueUrl,
    MaxNumberOfMessages: Math.min(roomCount, BATCH),
    VisibilityTimeout: leaseS,
    WaitTimeSeconds: waitS,
    MessageAttributeNames: ['All'],
    MessageSystemAttributeNames: ['SentTimestamp'],
  });
  const { Messages = [] } = await sqs.send(command, {
    abortSignal: AbortSignal.timeout(RECEIVE_MS),
  });
  return Messages;
}

/** Errors are ignored: what is not renewed or given back becomes visible when its lease expires. */
async function changeVisibility(
  sqs: SQSClient,
  QueueUrl: string,
  handles: readonly string[],
  seconds: number,
): Promise<void> {
  for (let first = 0; first < handles.length; first += BATCH) {
    const Entries = handles.slice(first, first + BATCH).map((ReceiptHandle, index) => ({
      Id: String(index),
      ReceiptHandle,
      VisibilityTimeout: seconds,
    }));
    await sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries })).catch(() => {});
  }
}

function toRawMessage({ MessageId, Body, MessageAttributes, Attributes }: Message): RawMessage {
  return {
    messageId: MessageId ?? '',
    body: Body ?? '',
    attributes: Object.fromEntries(
      Object.entries(MessageAttributes ?? {}).flatMap(([name, { StringValue }]) =>
        StringValue === undefined ? [] : [[name, StringValue]],
      ),
    ),
    sentAt: Number(Attributes?.SentTimestamp ?? 0),
  };
}
