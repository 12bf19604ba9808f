import * as v from 'valibot';
import { text } from '../../shared/platform/environment.ts';

/** The function's environment, as template.yaml sets it. */
export const Environment = v.object({
  INGEST_DEAD_LETTER_QUEUE_URL: text,
  UNDELIVERED_EVENT_QUEUE_URL: text,
  SUBSCRIPTION_DEAD_LETTER_QUEUE_URL: text,
  FAILED_INVOCATION_QUEUE_URL: text,
  OPERATIONS_TOPIC_ARN: text,
  /** For the commands in the report. */
  STACK_NAME: text,
});
