import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { DeadLetters, HoldOptions, RawLetter } from './dead-letters.ts';

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html */
const BATCH = 10;

/**
 * More than 0 makes SQS ask all of its servers, so that an empty answer means something. Not needed
 * once as many are in hand as it has counted.
 */
const WAIT_S = 1;

/** The dead-letter queues of an installation. */
export function sqsDeadLetters(sqs: SQSClient): DeadLetters {
  return {
    async hold(options, signal) {
      const { queueUrl, maxCount } = options;
      const { totalCount, retentionMs } = await measure(sqs, queueUrl, signal);
      const handles = new Map<string, string>();
      const letters: RawLetter[] = [];
      const release = async (): Promise<void> => {
        await giveBack(sqs, queueUrl, [...handles.values()]);
        handles.clear();
      };
      try {
        while (letters.length < maxCount) {
          const allInHand = totalCount > 0 && letters.length >= totalCount;
          const roomCount = maxCount - letters.length;
          const messages = await receive(sqs, options, roomCount, allInHand ? 0 : WAIT_S, signal);
          const news = messages.filter(({ MessageId = '' }) => !handles.has(MessageId));
          // A later receipt handle is the one that counts.
          for (const { MessageId, ReceiptHandle } of messages) {
            if (MessageId && ReceiptHandle) handles.set(MessageId, ReceiptHandle);
          }
          // Nothing new: all are in hand, or the hold has run out and they come round again.
          if (news.length === 0) break;
          letters.push(...news.map(worded));
        }
      } catch (error) {
        await release();
        throw error;
      }
      return {
        letters,
        totalCount: Math.max(totalCount, letters.length),
        retentionMs,
        async remove({ messageId }) {
          const ReceiptHandle = handles.get(messageId);
          if (ReceiptHandle === undefined) return;
          await sqs.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle }));
          handles.delete(messageId);
        },
        [Symbol.asyncDispose]: release,
      };
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
  { queueUrl, holdS }: HoldOptions,
  roomCount: number,
  waitS: number,
  signal: AbortSignal,
): Promise<readonly Message[]> {
  const command = new ReceiveMessageCommand({
    QueueUrl: queueUrl,
    MaxNumberOfMessages: Math.min(roomCount, BATCH),
    VisibilityTimeout: holdS,
    WaitTimeSeconds: waitS,
    MessageAttributeNames: ['All'],
    MessageSystemAttributeNames: ['SentTimestamp'],
  });
  const { Messages = [] } = await sqs.send(command, { abortSignal: signal });
  return Messages;
}

/** What cannot be given back comes back by itself when the hold ends. */
async function giveBack(
  sqs: SQSClient,
  QueueUrl: string,
  handles: readonly string[],
): Promise<void> {
  for (let first = 0; first < handles.length; first += BATCH) {
    const Entries = handles.slice(first, first + BATCH).map((ReceiptHandle, index) => ({
      Id: String(index),
      ReceiptHandle,
      VisibilityTimeout: 0,
    }));
    await sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries })).catch(() => {});
  }
}

function worded({ MessageId, Body, MessageAttributes, Attributes }: Message): RawLetter {
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
