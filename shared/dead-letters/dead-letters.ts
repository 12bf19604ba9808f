/** A message of a dead-letter queue, as SQS hands it out. */
export type RawLetter = {
  readonly messageId: string;
  readonly body: string;
  /** Message attributes that are texts. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Epoch milliseconds. SQS keeps the first queue's instant when it moves a message itself. */
  readonly sentAt: number;
};

/**
 * Messages taken in hand. SQS has no way to look without taking: while they are held nobody else
 * sees them, and each taking counts as a receive. So a dead-letter queue must not have a redrive
 * policy of its own, and an alarm on it must count hidden messages, too.
 */
interface HeldLetters extends AsyncDisposable {
  readonly letters: readonly RawLetter[];
  /** Messages in the queue, as SQS counts; more than `letters` when it has others beyond the bound, or in other hands. */
  readonly totalCount: number;
  /** Milliseconds after `sentAt` at which SQS deletes a message, whatever we do. */
  readonly retentionMs: number;
  /** Takes one out of the queue for good. May be repeated. */
  remove(letter: RawLetter): Promise<void>;
  // Disposing gives back what was not removed; at the latest SQS does, when the hold ends.
}

export type HoldOptions = {
  readonly queueUrl: string;
  /** Takes no more than these. */
  readonly maxCount: number;
  /** Seconds until SQS gives back what a crashed holder left. Time to do everything in. */
  readonly holdS: number;
};

/** The way into a dead-letter queue. */
export interface DeadLetters {
  /** @throws the SDK's errors */
  hold(options: HoldOptions, signal: AbortSignal): Promise<HeldLetters>;
  /** Puts a body into another queue. @throws the SDK's errors */
  send(queueUrl: string, body: string, signal: AbortSignal): Promise<void>;
}
