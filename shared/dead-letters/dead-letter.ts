/**
 * The queues in which messages wait for a person: refused by the ingest, not delivered to it by
 * EventBridge, not delivered to a subscriber by SNS, and runs of scheduled functions that failed.
 */
export type LetterQueue = 'ingest' | 'undelivered' | 'subscription' | 'invocation';

/** A message in one of them, read: whatever it tells about itself. */
export type FoundLetter = {
  readonly queue: LetterQueue;
  readonly messageId: string;
  /** Groups letters: a code of ours, of EventBridge's, or `MOVED_BY_SQS`, `NOT_DELIVERED`, `RUN_FAILED`. */
  readonly code: string;
  /** In words, where somebody said so. */
  readonly reason: string | undefined;
  /** Epoch milliseconds; of a letter that SQS moved, when it came to the ingest queue. */
  readonly sentAt: number;
  readonly bucket: string | undefined;
  readonly key: string | undefined;
  readonly versionId: string | undefined;
  readonly sizeBytes: number | undefined;
  readonly partner: string | undefined;
  /** Tries before it was given up. */
  readonly tryCount: number | undefined;
  /** ISO 8601: the first try. */
  readonly firstReceivedAt: string | undefined;
  /** Of the invocation that gave up; its log lines carry it. */
  readonly requestId: string | undefined;
  /** As it was sent; a redrive sends it again. */
  readonly body: string;
};
