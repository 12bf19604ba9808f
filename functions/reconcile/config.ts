import * as v from 'valibot';
import { text } from '../../shared/platform/environment.ts';

const seconds = v.pipe(v.number(), v.minValue(0));

/** The function's environment, as template.yaml sets it. */
export const Environment = v.object({
  INBOX_BUCKET: text,
  INGEST_QUEUE_URL: text,
  DEAD_LETTER_QUEUE_URL: text,
  LANDING_ROOT: text,
  STAGING_ROOT: text,
});

/** What an invocation may ask for; the schedule in template.yaml does, and so may a person. */
export const Request = v.object({
  /** Objects younger than this are still on their way. */
  unsettledAfterS: seconds,
  /** Partial files older than this belong to nobody: far beyond what a function may take. */
  partialAfterS: seconds,
  /** Also what lies in the dead-letter queue; for when that queue was lost. */
  includeRefused: v.boolean(),
});
