import { escapeControlCharacters } from '../platform/control-characters.ts';
import type { DeadLetter } from './work-queue.ts';

/**
 * Names and texts of a dead letter's attributes; SQS allows ten. A message in the queue without
 * `ErrorCode` was moved there by SQS itself, after workers repeatedly died on it.
 */
export function deadLetterAttributes(deadLetter: DeadLetter): Readonly<Record<string, string>> {
  const { message, arrival, partner, error, requestId } = deadLetter;
  return {
    ErrorCode: error.code,
    ErrorMessage: printable(error.message),
    ReceiveCount: String(message.receiveCount),
    FirstReceivedAt: new Date(message.firstReceivedAt).toISOString(),
    RequestId: printable(requestId),
    ...(partner !== undefined && { Partner: printable(partner) }),
    ...(arrival !== undefined && {
      Bucket: printable(arrival.bucket),
      Key: printable(arrival.key),
      SizeBytes: String(arrival.sizeBytes),
      ...(arrival.versionId !== undefined && { VersionId: arrival.versionId }),
    }),
  };
}

/**
 * SQS accepts neither control characters nor empty values in an attribute.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
 */
function printable(text: string): string {
  return escapeControlCharacters(text.toWellFormed()).slice(0, 1024) || '(empty)';
}
