import * as v from 'valibot';

const text = v.pipe(v.string(), v.minLength(1));
const count = v.pipe(v.string(), v.regex(/^\d+$/, 'must be a whole number'), v.transform(Number));
const positive = v.pipe(count, v.minValue(1));

/** The function's environment, as template.yaml sets it. */
export const Environment = v.object({
  INBOX_BUCKET: text,
  QUARANTINE_BUCKET: text,
  INGEST_QUEUE_URL: text,
  DEAD_LETTER_QUEUE_URL: text,
  NOTICES_TOPIC_ARN: text,
  EVENT_BUS_NAME: text,
  /** What applications read. */
  LANDING_ROOT: text,
  /** Private, on the same file system as LANDING_ROOT, not below it. */
  STAGING_ROOT: text,
  CLAMD_SOCKET: text,
  /** Objects in flight at once in one invocation. */
  OBJECT_CONCURRENCY: positive,
  /** The ingest queue's redrive limit. */
  MAX_RECEIVE_COUNT: positive,
  /** Seconds until the second try. */
  RETRY_BASE_S: count,
  /** Comma-separated endings of names that SFTP clients give unfinished uploads. */
  TEMPORARY_SUFFIXES: v.pipe(
    v.string(),
    v.transform((list) => list.toLowerCase().split(',').filter(Boolean)),
  ),
});

export type Config = v.InferOutput<typeof Environment>;
