import {
  ChangeMessageVisibilityCommand,
  type SQSClient,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import { deadLetterAttributes } from './dead-letter.ts';
import type { WorkQueue } from './work-queue.ts';

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html */
const MAX_MESSAGE_BYTES = 1_048_576;

/** The ingest queue and its dead-letter queue, by their URLs. */
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

    async deadLetter(deadLetter) {
      const attributes = Object.entries(deadLetterAttributes(deadLetter));
      await sqs.send(
        new SendMessageCommand({
          QueueUrl: urls.deadLetter,
          MessageBody: fitting(deadLetter.message.body, attributes),
          MessageAttributes: Object.fromEntries(
            attributes.map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
          ),
        }),
      );
    },
  };
}

/**
 * Cuts the body so that it fits beside the attributes: SQS limits their total. Real events are a few
 * kilobytes, so of a body that large the end matters less than the reason.
 */
function fitting(body: string, attributes: readonly (readonly [string, string])[]): string {
  const attributeBytes = attributes
    .map(([name, value]) => Buffer.byteLength(`${name}String${value}`))
    .reduce((sum, bytes) => sum + bytes, 0);
  const roomBytes = MAX_MESSAGE_BYTES - attributeBytes;
  if (Buffer.byteLength(body) <= roomBytes) return body;
  // `stream` drops a character that the cut split.
  return new TextDecoder().decode(Buffer.from(body).subarray(0, roomBytes), { stream: true });
}
