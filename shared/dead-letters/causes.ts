import type { IngestErrorCode } from '../model/ingest-error.ts';

export type Cause = {
  /** In words, what the code says. */
  readonly means: string;
  readonly advice: string;
  /** A redrive changes nothing unless something else has changed before. */
  readonly mendFirst: boolean;
};

const WAIT =
  'Look whether it still happens (npm run ops and the dashboard); when it does not, redrive.';

const CAUSES: Readonly<Record<IngestErrorCode, Cause>> = {
  EVENT_MALFORMED: {
    means: 'the message is no "Object Created" event',
    advice: 'Find out who else sends to the ingest queue; then remove it.',
    mendFirst: true,
  },
  EVENT_FOREIGN: {
    means: 'the event is about a bucket that is not the inbox',
    advice: 'Mend the rule that sends it; then remove it.',
    mendFirst: true,
  },
  KEY_UNSAFE: {
    means: 'the name has no safe place in the landing tree',
    advice: 'Ask the partner to upload it under another name; then remove it.',
    mendFirst: true,
  },
  KEY_COLLIDES: {
    means: 'a file stands where a folder is needed, or a folder where the file should go',
    advice:
      'Move what stands in the way out of the landing tree, or have the partner rename; then redrive.',
    mendFirst: true,
  },
  POLICY_REFUSED: {
    means: "the partner's own policy does not admit such a file",
    advice: 'Ask the partner to send something else; or change the policy, then redrive.',
    mendFirst: true,
  },
  TAGS_FULL: {
    means: 'the sender gave the object all ten tags that S3 allows',
    advice: 'Remove one of its tags; then redrive.',
    mendFirst: true,
  },
  SOURCE_UNAVAILABLE: { means: 'the inbox could not be read', advice: WAIT, mendFirst: false },
  SOURCE_TRUNCATED: {
    means: 'the object never arrived whole',
    advice: WAIT,
    mendFirst: false,
  },
  SCANNER_UNAVAILABLE: {
    means: 'clamd gave no verdict',
    advice: 'Look at clamd (docs/runbook.md#clamds-memory); then redrive.',
    mendFirst: false,
  },
  LANDING_FULL: {
    means: 'the landing file system had no room',
    advice: 'Make room; then redrive.',
    mendFirst: true,
  },
  LANDING_UNAVAILABLE: {
    means: 'the landing file system could not be written',
    advice: 'Mend the mount or the access point; then redrive.',
    mendFirst: true,
  },
  QUARANTINE_UNAVAILABLE: {
    means: 'the quarantine bucket did not take the object',
    advice: 'Mend the bucket policy or the key policy; then redrive.',
    mendFirst: true,
  },
  NOTICE_FAILED: {
    means: 'SNS or EventBridge did not take the notice',
    advice: WAIT,
    mendFirst: false,
  },
  SETTLE_FAILED: {
    means: 'the ending could not be recorded in the inbox',
    advice: WAIT,
    mendFirst: false,
  },
  DEADLINE_NEAR: {
    means: 'the time of the function ran out each time',
    advice: 'Keep the file for a report; redrive it once, and remove it when it comes back.',
    mendFirst: false,
  },
  UNFORESEEN: {
    means: 'something that nobody foresaw',
    advice: 'Find the stack in the log by the request id, report it; then redrive.',
    mendFirst: false,
  },
};

const OTHERS: Readonly<Record<string, Cause>> = {
  MOVED_BY_SQS: {
    means: 'SQS moved it without a reason: its workers died, or could not dead-letter it',
    advice: 'Look in the log of the ingest for its key (out of memory? time out?); then redrive.',
    mendFirst: false,
  },
  NOT_DELIVERED: {
    means: 'nobody said why it was not delivered',
    advice: 'See that the subscriber exists and lets SNS in.',
    mendFirst: true,
  },
  RUN_FAILED: {
    means: 'a function that runs on a schedule or on an alarm failed each time it was repeated',
    advice:
      'Find out why in its log, by the request id. Nothing is lost: its next run does the work. Then remove it.',
    mendFirst: true,
  },
  NO_PERMISSIONS: {
    means: 'EventBridge may not send to the queue, or call the function',
    advice: "Mend the queue's policy or the key's policy; then redrive.",
    mendFirst: true,
  },
  NO_RESOURCE: {
    means: 'EventBridge did not find the queue or the function',
    advice: 'Deploy the stack again; then redrive what is an upload, and remove the rest.',
    mendFirst: true,
  },
};

/** What a code on a dead letter says. Codes that are not ours are EventBridge's. */
export function causeOf(code: string): Cause {
  return (
    Object.entries({ ...CAUSES, ...OTHERS }).find(([name]) => name === code)?.[1] ?? {
      means: 'EventBridge gave up delivering it',
      advice:
        'See that the queue takes messages again; then redrive what is an upload, and remove the rest.',
      mendFirst: false,
    }
  );
}
