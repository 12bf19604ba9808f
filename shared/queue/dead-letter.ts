import type { Arrival } from '../model/arrival.ts';
import type { Message } from '../model/message.ts';
import { escapeControlCharacters } from '../platform/control-characters.ts';
import type { IngestError } from '../platform/errors.ts';

/**
 * Names and texts of a dead letter's attributes; SQS allows ten. A message in the queue without
 * `ErrorCode` was moved there by SQS itself, after a worker died on it again and again.
 */
export function deadLetterAttributes(
  message: Message,
  arrival: Arrival | undefined,
  error: IngestError,
): Readonly<Record<string, string>> {
  return {
    ErrorCode: error.code,
    ErrorMessage: printable(error.message),
    MessageId: message.messageId,
    ReceiveCount: String(message.receiveCount),
    FirstReceivedAt: new Date(message.firstReceivedAt).toISOString(),
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
