import type { Arrival } from '../model/arrival.ts';
import type { Message } from '../model/message.ts';
import type { IngestError } from '../model/ingest-error.ts';

/** A message that the ingest gives up on, and why. */
export type FailedMessage = {
  readonly message: Message;
  /** `undefined` when the message named no object. */
  readonly arrival: Arrival | undefined;
  /** Who uploaded it, if known. */
  readonly partner: string | undefined;
  readonly error: IngestError;
  /** Of the last invocation. */
  readonly requestId: string;
};

/** The ingest queue and its dead-letter queue, as the ingest uses them. */
export interface WorkQueue {
  /** Adds a message. */
  send(body: string, signal: AbortSignal): Promise<void>;

  /** Makes a message invisible for so many seconds; its next receive is the retry. */
  hideFor(message: Message, seconds: number): Promise<void>;

  /**
   * Sends a message to the dead-letter queue, with the reason as attributes and the body unchanged,
   * so that it can be redriven as it is. The caller then lets SQS delete the original: a crash
   * between the two leaves a second copy, never none.
   */
  deadLetter(failed: FailedMessage): Promise<void>;
}
