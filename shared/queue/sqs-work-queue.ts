import {
  ChangeMessageVisibilityCommand,
  type SQSClient,
  SendMessageCommand,
} from '@aws-sdk/client-sqs';
import { deadLetterAttributes } from './dead-letter.ts';
import type { WorkQueue } from './work-queue.ts';

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

    async deadLetter(letter) {
      const attributes = Object.entries(deadLetterAttributes(letter));
      await sqs.send(
        new SendMessageCommand({
          QueueUrl: urls.deadLetter,
          MessageBody: letter.message.body,
          MessageAttributes: Object.fromEntries(
            attributes.map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]),
          ),
        }),
      );
    },
  };
}
