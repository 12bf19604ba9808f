import * as v from 'valibot';
import { count, positive, text } from '../../shared/platform/environment.ts';

/** The function's environment, as template.yaml sets it. */
export const Environment = v.object({
  INBOX_BUCKET: text,
  QUARANTINE_BUCKET: text,
  /** Holds the partners' documents. */
  CONFIG_BUCKET: text,
  INGEST_QUEUE_URL: text,
  DEAD_LETTER_QUEUE_URL: text,
  NOTICES_TOPIC_ARN: text,
  EVENT_BUS_NAME: text,
  /** What applications read. */
  LANDING_ROOT: text,
  /** Private, on the same file system as LANDING_ROOT, not below it: clean files are copied there, then moved. */
  INCOMING_ROOT: text,
  /** clamd's unix socket; or `tcp://host:port` of a remote clamd, to which every file is streamed. */
  CLAMD_SOCKET: v.pipe(
    v.string(),
    v.regex(/^(\/.+|tcp:\/\/[^/]+:\d+)$/, 'must be an absolute path or tcp://host:port'),
  ),
  /**
   * Seconds that the first files wait for clamd. Set by the image's entrypoint, which starts clamd
   * together with the handler; elsewhere clamd runs before.
   */
  ENGINE_PATIENCE_S: v.optional(count, '0'),
  /** Hours; clean files are held when the signatures are older. 0 for any age. */
  MAX_SIGNATURE_AGE_H: count,
  /** For Node itself: how it keeps its memory small, see docs/performance.md. */
  NODE_OPTIONS: v.optional(v.string()),
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
