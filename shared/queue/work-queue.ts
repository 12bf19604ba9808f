import type { Arrival } from '../model/arrival.ts';
import type { Message } from '../model/message.ts';
import type { IngestError } from '../model/ingest-error.ts';

/** A message that needs a person, and why. */
export type DeadLetter = {
  readonly message: Message;
  /** `undefined` when the message named no object. */
  readonly arrival: Arrival | undefined;
  /** Who uploaded it, where that is known. */
  readonly partner: string | undefined;
  readonly error: IngestError;
  /** Of the invocation that gave up. */
  readonly requestId: string;
};

/** The ingest queue and its dead-letter queue, as the ingest uses them. */
export interface WorkQueue {
  /** Adds a message. */
  send(body: string, signal: AbortSignal): Promise<void>;

  /** Hides a message from all workers for so many seconds; its next receive is the retry. */
  hideFor(message: Message, seconds: number): Promise<void>;

  /**
   * Puts a message into the dead-letter queue with the reason as attributes and the body as it
   * was, so that a redrive needs no repair. The caller then lets SQS delete the original: a crash
   * between the two leaves a second copy, never none.
   */
  deadLetter(letter: DeadLetter): Promise<void>;
}
