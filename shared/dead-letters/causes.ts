import type { IngestErrorCode } from '../model/ingest-error.ts';

export type Cause = {
  /** What the code means, as a clause. */
  readonly means: string;
  readonly advice: string;
  /** A redrive fails again unless the cause is fixed first. */
  readonly needsFix: boolean;
};

const WAIT = 'Check whether it still happens (npm run ops and the dashboard); if not, redrive.';

const CAUSES: Readonly<Record<IngestErrorCode, Cause>> = {
  EVENT_MALFORMED: {
    means: 'the message is not an "Object Created" event',
    advice: 'Find out what else sends to the ingest queue; then remove it.',
    needsFix: true,
  },
  EVENT_FOREIGN: {
    means: 'the event is for a bucket other than the inbox',
    advice: 'Fix the rule that sends it; then remove it.',
    needsFix: true,
  },
  KEY_UNSAFE: {
    means: 'the key cannot be mapped to a safe path in the landing tree',
    advice: 'Ask the partner to upload it under another name; then remove it.',
    needsFix: true,
  },
  KEY_COLLIDES: {
    means:
      'a file, link or pipe is where a folder is needed, or a folder, link or pipe where the file should go',
    advice: 'Move what is there out of the landing tree, or have the partner rename; then redrive.',
    needsFix: true,
  },
  POLICY_REFUSED: {
    means: "the partner's policy does not allow this file",
    advice: 'Ask the partner to send something else; or change the policy, then redrive.',
    needsFix: true,
  },
  TAGS_FULL: {
    means: 'the sender set all ten tags that S3 allows on the object',
    advice: 'Remove one of its tags; then redrive.',
    needsFix: true,
  },
  SOURCE_UNAVAILABLE: { means: 'the inbox could not be read', advice: WAIT, needsFix: false },
  SOURCE_TRUNCATED: {
    means: 'the object was never read in full',
    advice: WAIT,
    needsFix: false,
  },
  SCANNER_UNAVAILABLE: {
    means: 'clamd gave no verdict',
    advice: 'Check clamd (docs/runbook.md#clamds-memory); then redrive.',
    needsFix: false,
  },
  STAGING_FULL: {
    means: "the ingest's own disk had no room for it",
    advice: 'Give the ingest a larger disk, or fewer objects at once; then redrive.',
    needsFix: true,
  },
  STAGING_UNAVAILABLE: {
    means: "the ingest's own disk could not be used",
    advice: WAIT,
    needsFix: false,
  },
  LANDING_FULL: {
    means: 'the landing file system was full',
    advice: 'Free space; then redrive.',
    needsFix: true,
  },
  LANDING_UNAVAILABLE: {
    means: 'the landing file system could not be written',
    advice: 'Fix the mount or the access point; then redrive.',
    needsFix: true,
  },
  QUARANTINE_UNAVAILABLE: {
    means: 'the quarantine bucket rejected the object',
    advice: 'Fix the bucket policy or the key policy; then redrive.',
    needsFix: true,
  },
  NOTICE_FAILED: {
    means: 'SNS or EventBridge rejected the notice',
    advice: WAIT,
    needsFix: false,
  },
  SETTLE_FAILED: {
    means: 'the outcome could not be recorded in the inbox',
    advice: WAIT,
    needsFix: false,
  },
  DEADLINE_NEAR: {
    means: 'the function ran out of time at each attempt',
    advice: 'Keep the file for a report; redrive it once, and remove it if it fails again.',
    needsFix: false,
  },
  UNFORESEEN: {
    means: 'an unexpected error',
    advice: 'Find the stack trace in the log by the request id, report it; then redrive.',
    needsFix: false,
  },
};

const OTHERS: Readonly<Record<string, Cause>> = {
  MOVED_BY_SQS: {
    means: 'SQS moved it without a reason: its workers died, or could not dead-letter it',
    advice: 'Search the log of the ingest for its key (out of memory? timeout?); then redrive.',
    needsFix: false,
  },
  NOT_DELIVERED: {
    means: 'no reason was given why it was not delivered',
    advice: 'Check that the subscriber exists and allows SNS to send to it.',
    needsFix: true,
  },
  RUN_FAILED: {
    means: 'a scheduled or alarm-triggered function failed, and so did its retries',
    advice:
      'Find the cause in its log, by the request id. Nothing is lost: its next run does the work. Then remove it.',
    needsFix: true,
  },
  NO_PERMISSIONS: {
    means: 'EventBridge is not allowed to send to the queue or to invoke the function',
    advice: "Fix the queue's policy or the key's policy; then redrive.",
    needsFix: true,
  },
  NO_RESOURCE: {
    means: 'EventBridge did not find the queue or the function',
    advice: 'Deploy the stack again; then redrive uploads, and remove the rest.',
    needsFix: true,
  },
};

/** Every code that has a meaning of its own; EventBridge has more. */
export const KNOWN_CODES: readonly string[] = Object.keys({ ...CAUSES, ...OTHERS });

/** What a dead letter's code means. Codes that are not ours are EventBridge's. */
export function causeOf(code: string): Cause {
  return (
    Object.entries({ ...CAUSES, ...OTHERS }).find(([name]) => name === code)?.[1] ?? {
      means: 'EventBridge could not deliver it',
      advice:
        'Check that the queue accepts messages again; then redrive uploads, and remove the rest.',
      needsFix: false,
    }
  );
}
