import { escapeControlCharacters } from '../platform/control-characters.ts';
import type { DeadLetter } from './work-queue.ts';

/**
 * Names and texts of a dead letter's attributes; SQS allows ten. A message in the queue without
 * `ErrorCode` was moved there by SQS itself, after a worker died on it again and again.
 */
export function deadLetterAttributes(letter: DeadLetter): Readonly<Record<string, string>> {
  const { message, arrival, partner, error, requestId } = letter;
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
 * SQS takes no control characters in an attribute, and an empty one neither.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
 */
function printable(text: string): string {
  return escapeControlCharacters(text.toWellFormed()).slice(0, 1024) || '(empty)';
}
