import type { SQSRecord } from 'aws-lambda';
import type { Message } from '../model/message.ts';

/** The fields of an SQS record that the batch needs; Lambda guarantees that they are there. */
export function parseMessage(record: SQSRecord): Message {
  return {
    messageId: record.messageId,
    receiptHandle: record.receiptHandle,
    body: record.body,
    receiveCount: Number(record.attributes.ApproximateReceiveCount),
    firstReceivedAt: Number(record.attributes.ApproximateFirstReceiveTimestamp),
  };
}
