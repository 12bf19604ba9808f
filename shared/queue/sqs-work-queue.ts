import {
  ChangeMessageVisibilityCommand,
  type SQSClient,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import { deadLetterAttributes } from './dead-letter-attributes.ts';
import type { WorkQueue } from './work-queue.ts';

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html */
const MAX_MESSAGE_BYTES = 1_048_576;

/** The queues by their URLs. */
export function sqsWorkQueue(
  sqs: SQSClient,
  urls: { readonly queue: string; readonly deadLetter: string },
): WorkQueue {
  return {
    async send(body, signal) {
      const command = new SendMessageCommand({ QueueUrl: urls.queue, MessageBody: body });
      await sqs.send(command, { abortSignal: signal });
    },

    async hideFor(message, seconds) {
      await sqs.send(
        new ChangeMessageVisibilityCommand({
          QueueUrl: urls.queue,
          ReceiptHandle: message.receiptHandle,
          VisibilityTimeout: seconds,
        }),
      );
    },

    async deadLetter(failed) {
      const attributes = Object.entries(deadLetterAttributes(failed));
      await sqs.send(
        new SendMessageCommand({
          QueueUrl: urls.deadLetter,
          MessageBody: fitting(failed.message.body, attributes),
          MessageAttributes: Object.fromEntries(
            attributes.map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
          ),
        }),
      );
    },
  };
}

/**
 * Body and attributes share one limit. Our events have a few kilobytes; the body of anything larger is
 * truncated, so that the reason fits.
 */
function fitting(body: string, attributes: readonly (readonly [string, string])[]): string {
  const attributeBytes = attributes
    .map(([name, value]) => Buffer.byteLength(`${name}String${value}`))
    .reduce((sum, bytes) => sum + bytes, 0);
  const roomBytes = MAX_MESSAGE_BYTES - attributeBytes;
  if (Buffer.byteLength(body) <= roomBytes) return body;
  // Streaming drops a character that the cut has split.
  return new TextDecoder().decode(Buffer.from(body).subarray(0, roomBytes), { stream: true });
}
