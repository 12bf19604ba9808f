import { escapeControlCharacters } from '../platform/control-characters.ts';
import type { FailedMessage } from './work-queue.ts';

/**
 * The attributes that the ingest sets on a dead letter; SQS allows ten. A message without `ErrorCode`
 * was moved by SQS itself, after its workers died repeatedly.
 */
export function deadLetterAttributes(failed: FailedMessage): Readonly<Record<string, string>> {
  const { message, arrival, partner, error, requestId } = failed;
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
 * SQS accepts neither control characters nor an empty text in an attribute.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
 */
function printable(text: string): string {
  // The cut may split a character, and half a one is refused, too.
  return escapeControlCharacters(text).slice(0, 1024).toWellFormed() || '(empty)';
}
