import type { SQSRecord } from 'aws-lambda';
import * as v from 'valibot';
import type { Arrival } from '../model/arrival.ts';
import { IngestError } from '../model/ingest-error.ts';
import type { Message } from '../model/message.ts';
import { encodeJson } from '../platform/encode-json.ts';

/** The fields of an SQS record that the batch needs; Lambda always sets them. */
export function parseMessage(record: SQSRecord): Message {
  return {
    messageId: record.messageId,
    receiptHandle: record.receiptHandle,
    body: record.body,
    receiveCount: Number(record.attributes.ApproximateReceiveCount),
    firstReceivedAt: Number(record.attributes.ApproximateFirstReceiveTimestamp),
  };
}

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

/**
 * Encodes an arrival as an event that `parseArrival` reads back, with which the sweep requeues an
 * object whose own event was lost.
 */
export function encodeArrival(arrival: Arrival): string {
  const { bucket, key, sizeBytes, etag, versionId, arrivedAt } = arrival;
  return encodeJson({
    version: '0',
    'detail-type': 'Object Created',
    source: 'aws.s3',
    time: new Date(arrivedAt).toISOString(),
    resources: [`arn:aws:s3:::${bucket}`],
    detail: {
      version: '0',
      bucket: { name: bucket },
      object: {
        key,
        size: sizeBytes,
        etag,
        ...(versionId !== undefined && { 'version-id': versionId }),
      },
      reason: 'Reconcile',
    },
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new IngestError('EVENT_MALFORMED', 'the message body is not JSON', { cause });
  }
}

function describe(issues: readonly v.BaseIssue<unknown>[]): string {
  const wrong = issues.map((issue) => `${v.getDotPath(issue) ?? 'the event'}: ${issue.message}`);
  return `not an S3 "Object Created" event (${wrong.join('; ')})`;
}
