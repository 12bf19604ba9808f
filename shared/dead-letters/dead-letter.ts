/**
 * The dead-letter queues: refused by the ingest, not delivered to it by EventBridge, not delivered
 * to a subscriber by SNS, and failed runs of scheduled functions.
 */
export type DeadLetterQueue = 'ingest' | 'undelivered' | 'subscription' | 'invocation';

/** A message in one of them, parsed. */
export type DeadLetter = {
  readonly queue: DeadLetterQueue;
  readonly messageId: string;
  /** Groups dead letters: a code of ours or of EventBridge's, or `MOVED_BY_SQS`, `NOT_DELIVERED`, `RUN_FAILED`. */
  readonly code: string;
  /** For people, where the sender gave one. */
  readonly reason: string | undefined;
  /** Epoch milliseconds; if SQS moved the message, when it was sent to the ingest queue. */
  readonly sentAt: number;
  readonly bucket: string | undefined;
  readonly key: string | undefined;
  readonly versionId: string | undefined;
  readonly sizeBytes: number | undefined;
  readonly partner: string | undefined;
  /** Attempts before it was given up. */
  readonly tryCount: number | undefined;
  /** ISO 8601: the first attempt. */
  readonly firstReceivedAt: string | undefined;
  /** Of the last invocation; its log lines carry it. */
  readonly requestId: string | undefined;
  /** As it was sent; a redrive sends it again. */
  readonly body: string;
};
