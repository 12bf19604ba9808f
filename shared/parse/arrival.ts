import * as v from 'valibot';
import type { Arrival } from '../model/arrival.ts';
import { IngestError } from '../platform/errors.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html */
const ObjectCreatedEvent = v.object({
  source: v.literal('aws.s3'),
  'detail-type': v.literal('Object Created'),
  time: v.pipe(v.string(), v.isoTimestamp()),
  detail: v.object({
    bucket: v.object({ name: v.pipe(v.string(), v.minLength(1)) }),
    object: v.object({
      key: v.pipe(v.string(), v.minLength(1)),
      size: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
      etag: v.pipe(v.string(), v.minLength(1)),
      'version-id': v.optional(v.string()),
    }),
  }),
});

/**
 * Reads an "Object Created" event from a message body.
 *
 * @throws IngestError `EVENT_MALFORMED`, saying which field is wrong and how
 */
export function parseArrival(body: string): Arrival {
  const parsed = v.safeParse(ObjectCreatedEvent, parseJson(body));
  if (!parsed.success) throw new IngestError('EVENT_MALFORMED', describe(parsed.issues));
  const { bucket, object } = parsed.output.detail;
  return {
    bucket: bucket.name,
    key: object.key,
    sizeBytes: object.size,
    etag: object.etag,
    versionId: object['version-id'],
    arrivedAt: Date.parse(parsed.output.time),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new IngestError('EVENT_MALFORMED', 'the message body is not JSON', { cause });
  }
}

function describe(issues: readonly v.BaseIssue<unknown>[]): string {
  const words = issues.map((issue) => `${v.getDotPath(issue) ?? 'the event'}: ${issue.message}`);
  return `not an S3 "Object Created" event (${words.join('; ')})`;
}
