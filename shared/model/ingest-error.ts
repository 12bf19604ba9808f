import { describeError } from '../platform/errors.ts';

/** What the queue should do with a message whose processing threw. */
export type Disposition = 'retry' | 'dead-letter';

/**
 * Every accident the ingest knows by name, and the queue's next move for it. The names are stable:
 * logs, notices, dead letters and the operator's tools key on them.
 */
export const DISPOSITION = {
  /** The message is not an "Object Created" event; it never will be, however often delivered. */
  EVENT_MALFORMED: 'dead-letter',
  /** The event is about a bucket this ingest does not serve. */
  EVENT_FOREIGN: 'dead-letter',
  /** The key has no place under the landing root (`..`, control characters, too long ...). */
  KEY_UNSAFE: 'dead-letter',
  /** The partner's own policy does not admit such a file. */
  POLICY_REFUSED: 'dead-letter',
  /** A directory stands where the file should go, or a file where a directory should. */
  KEY_COLLIDES: 'dead-letter',
  /** The inbox could not be read. */
  SOURCE_UNAVAILABLE: 'retry',
  /** Fewer or more bytes arrived than the object has. */
  SOURCE_TRUNCATED: 'retry',
  /** No verdict was reached, so nothing may land. */
  SCANNER_UNAVAILABLE: 'retry',
  /** The landing file system has no space or no quota left. */
  LANDING_FULL: 'retry',
  /** The landing file system could not be written for another reason. */
  LANDING_UNAVAILABLE: 'retry',
  /** The quarantine bucket did not take the object. */
  QUARANTINE_UNAVAILABLE: 'retry',
  /** SNS or EventBridge did not take the notice. */
  NOTICE_FAILED: 'retry',
  /** The settling tags could not be written. */
  SETTLE_FAILED: 'retry',
  /** The sender used all ten tags S3 allows, so there is no room to record the ending. */
  TAGS_FULL: 'dead-letter',
  /** The function's time was nearly over; nothing was wrong with the object. */
  DEADLINE_NEAR: 'retry',
  /** Nobody foresaw it. Retried, because the dead-letter queue is the backstop. */
  UNFORESEEN: 'retry',
} as const satisfies Record<string, Disposition>;

export type IngestErrorCode = keyof typeof DISPOSITION;

const MAX_MESSAGE_CHARACTERS = 1000;

/** An accident with a name. Ends we expect (superseded, quarantined ...) are values, not errors. */
export class IngestError extends Error {
  override readonly name = 'IngestError';
  readonly code: IngestErrorCode;

  constructor(code: IngestErrorCode, message: string, options?: ErrorOptions) {
    super(shorten(message), options);
    this.code = code;
  }

  get disposition(): Disposition {
    return DISPOSITION[this.code];
  }
}

/** A message may quote what a stranger sent; it must still fit into a notice and an attribute. */
function shorten(message: string): string {
  return message.length <= MAX_MESSAGE_CHARACTERS
    ? message
    : `${message.slice(0, MAX_MESSAGE_CHARACTERS)} ...`;
}

/** Gives any thrown value a code; what nobody foresaw keeps its message and is retried. */
export function toIngestError(error: unknown): IngestError {
  return error instanceof IngestError
    ? error
    : new IngestError('UNFORESEEN', describeError(error), { cause: error });
}
