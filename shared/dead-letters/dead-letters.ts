/** A message of a dead-letter queue, as SQS returns it. */
export type RawMessage = {
  readonly messageId: string;
  readonly body: string;
  /** Message attributes of type String. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Epoch milliseconds. When SQS moves a message itself, the time it was sent to its first queue. */
  readonly sentAt: number;
};

/**
 * Seconds of a lease, for every reader of dead letters. Short, so that a reader that dies hides nothing
 * for long; a living one renews it.
 */
export const LEASE_S = 30;

/**
 * Messages under a visibility timeout, which is renewed until this is disposed. SQS cannot read without
 * receiving: leased messages are invisible to others, and each lease counts as a receive. So a
 * dead-letter queue must not have a redrive policy of its own, and an alarm on it must count invisible
 * messages, too.
 *
 * Disposing makes the messages that were not removed visible again; if that fails, or the process dies,
 * the lease expires.
 */
interface LeasedMessages extends AsyncDisposable {
  readonly messages: readonly RawMessage[];
  /** Messages in the queue as SQS counts; more than `messages` if some exceed `maxCount` or are leased elsewhere. */
  readonly totalCount: number;
  /** Milliseconds after `sentAt` at which SQS deletes a message. */
  readonly retentionMs: number;
  /** Deletes a message from the queue. May be repeated. */
  remove(message: RawMessage): Promise<void>;
  /** Makes these visible to others again, before the rest. */
  release(messages: readonly RawMessage[]): Promise<void>;
}

export type LeaseOptions = {
  readonly queueUrl: string;
  readonly maxCount: number;
  /** Seconds of invisibility after the last renewal; `LEASE_S` but in tests. */
  readonly leaseS: number;
};

/** Access to dead-letter queues. */
export interface DeadLetters {
  /** @throws the SDK's errors; what had been leased until then is visible again */
  lease(options: LeaseOptions, signal: AbortSignal): Promise<LeasedMessages>;
  /** How many messages a queue has, visible or not; SQS may be late by a minute. @throws the SDK's errors */
  count(queueUrl: string, signal: AbortSignal): Promise<number>;
  /** Sends a body to another queue. @throws the SDK's errors */
  send(queueUrl: string, body: string, signal: AbortSignal): Promise<void>;
}
