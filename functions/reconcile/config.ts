import * as v from 'valibot';
import { text } from '../../shared/platform/environment.ts';

const seconds = v.pipe(v.number(), v.minValue(0));

/** The function's environment, as template.yaml sets it. */
export const Environment = v.object({
  INBOX_BUCKET: text,
  INGEST_QUEUE_URL: text,
  DEAD_LETTER_QUEUE_URL: text,
  LANDING_ROOT: text,
  INCOMING_ROOT: text,
});

/** The event of an invocation, by the schedule in template.yaml or by a person. */
export const Request = v.object({
  /** Objects younger than this may still be in the queue. */
  unsettledAfterS: seconds,
  /** Partial files older than this are left over: far beyond the time limit of a function. */
  partialAfterS: seconds,
  /** Also requeue what was dead-lettered; for when the dead-letter queue was lost. */
  includeRefused: v.boolean(),
});
