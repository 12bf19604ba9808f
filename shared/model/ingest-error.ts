import { describeWithoutPath } from '../platform/errors.ts';

/** What happens to a message whose processing threw. */
export type Disposition = 'retry' | 'dead-letter';

/**
 * Every failure the ingest has a code for, and what happens to its message. The codes are stable:
 * logs, notices, dead letters and the operator's tools key on them.
 */
export const DISPOSITION = {
  /** The message is not an "Object Created" event. */
  EVENT_MALFORMED: 'dead-letter',
  /** The event is about a bucket this ingest does not serve. */
  EVENT_FOREIGN: 'dead-letter',
  /** The key has no place under the landing root (`..`, control characters, too long ...). */
  KEY_UNSAFE: 'dead-letter',
  /** The partner's policy does not admit such a file. */
  POLICY_REFUSED: 'dead-letter',
  /** A directory is where the file should go, or a file, link or pipe where a directory should. */
  KEY_COLLIDES: 'dead-letter',
  /** The inbox could not be read. */
  SOURCE_UNAVAILABLE: 'retry',
  /** Fewer or more bytes arrived than the object has. */
  SOURCE_TRUNCATED: 'retry',
  /** No verdict was reached, so nothing may land. */
  SCANNER_UNAVAILABLE: 'retry',
  /** The function's own disk has no room for the object beside the others in hand. */
  STAGING_FULL: 'retry',
  /** The function's own disk could not be used for another reason. */
  STAGING_UNAVAILABLE: 'retry',
  /** The landing file system has no space or no quota left. */
  LANDING_FULL: 'retry',
  /** The landing file system could not be written for another reason. */
  LANDING_UNAVAILABLE: 'retry',
  /** The object could not be copied to the quarantine bucket. */
  QUARANTINE_UNAVAILABLE: 'retry',
  /** The notice could not be published to SNS or EventBridge. */
  NOTICE_FAILED: 'retry',
  /** The settling tags could not be written. */
  SETTLE_FAILED: 'retry',
  /** The sender used all ten tags S3 allows, so there is no room to record the ending. */
  TAGS_FULL: 'dead-letter',
  /** The function was about to time out; nothing was wrong with the object. */
  DEADLINE_NEAR: 'retry',
  /** Any other error. Retried, because the dead-letter queue is the backstop. */
  UNFORESEEN: 'retry',
} as const satisfies Record<string, Disposition>;

export type IngestErrorCode = keyof typeof DISPOSITION;

const MAX_MESSAGE_CHARACTERS = 1000;

/** A failure with a code. Endings we expect (superseded, quarantined ...) are values, not errors. */
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

/** A message may quote what a partner sent; it must still fit into a notice and an attribute. */
function shorten(message: string): string {
  return message.length <= MAX_MESSAGE_CHARACTERS
    ? message
    : `${message.slice(0, MAX_MESSAGE_CHARACTERS)} ...`;
}

/** Gives any thrown value a code; unforeseen errors keep their message. */
export function toIngestError(error: unknown): IngestError {
  return error instanceof IngestError
    ? error
    : new IngestError('UNFORESEEN', describeWithoutPath(error), { cause: error });
}
