import * as v from 'valibot';
import { text } from '../../shared/platform/environment.ts';

/** The function's environment, as template.yaml sets it. */
export const Environment = v.object({
  /** Gets a mail about findings that need action. */
  OPERATIONS_TOPIC_ARN: text,
  /** Gets one event per server, and one per region that could not be read. */
  EVENT_BUS_NAME: text,
  /** Comma-separated; empty: every region enabled in the account. */
  AUDIT_REGIONS: v.pipe(
    v.string(),
    v.transform((list) =>
      list
        .split(',')
        .map((region) => region.trim())
        .filter(Boolean),
    ),
  ),
});
