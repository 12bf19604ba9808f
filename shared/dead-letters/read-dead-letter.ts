import * as v from 'valibot';
import type { FoundLetter, LetterQueue } from './dead-letter.ts';
import { assertNever } from '../platform/assert-never.ts';
import type { RawLetter } from './dead-letters.ts';

/** An S3 event, as far as a person wants to know. Loose: a broken letter is read as far as it goes. */
const Event = v.object({
  detail: v.object({
    bucket: v.object({ name: v.string() }),
    object: v.object({
      key: v.string(),
      size: v.optional(v.number()),
      'version-id': v.optional(v.string()),
    }),
  }),
});

/** A notice that did not reach its subscriber, bare or in SNS's envelope. */
const Notice = v.object({
  partner: v.optional(v.string()),
  object: v.optional(
    v.object({
      bucket: v.string(),
      key: v.string(),
      versionId: v.optional(v.string()),
      sizeBytes: v.optional(v.number()),
    }),
  ),
});
const Envelope = v.object({ Type: v.literal('Notification'), Message: v.string() });

/**
 * What Lambda tells of an invocation that failed to the last.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
 */
const FailedRun = v.object({
  requestContext: v.object({
    requestId: v.string(),
    functionArn: v.string(),
    approximateInvokeCount: v.optional(v.number()),
  }),
  responsePayload: v.optional(
    v.object({ errorType: v.optional(v.string()), errorMessage: v.optional(v.string()) }),
  ),
});

type Facts = Partial<FoundLetter>;

/** Reads a letter for people. Pure; never throws: what it does not say is `undefined`. */
export function readDeadLetter(queue: LetterQueue, letter: RawLetter): FoundLetter {
  const { attributes, body, messageId, sentAt } = letter;
  const facts = factsOf(queue, letter);
  const cause = causeOf(queue, attributes);
  return {
    queue,
    messageId,
    code: cause.code,
    reason: cause.reason ?? facts.reason,
    sentAt,
    bucket: attributes['Bucket'] ?? facts.bucket,
    key: attributes['Key'] ?? facts.key,
    versionId: attributes['VersionId'] ?? facts.versionId,
    sizeBytes: wholeNumber(attributes['SizeBytes']) ?? facts.sizeBytes,
    partner: attributes['Partner'] ?? facts.partner,
    tryCount:
      wholeNumber(attributes['ReceiveCount'] ?? attributes['RETRY_ATTEMPTS']) ?? facts.tryCount,
    firstReceivedAt: attributes['FirstReceivedAt'],
    requestId: attributes['RequestId'] ?? facts.requestId,
    body,
  };
}

/**
 * Who put it there, and why: the ingest says so in attributes of ours, EventBridge in its own
 * (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html), SQS and SNS not at all.
 */
function causeOf(
  queue: LetterQueue,
  attributes: RawLetter['attributes'],
): Pick<FoundLetter, 'code' | 'reason'> {
  switch (queue) {
    case 'ingest':
      return {
        code: attributes['ErrorCode'] ?? 'MOVED_BY_SQS',
        reason: attributes['ErrorMessage'],
      };
    case 'undelivered':
      return {
        code: attributes['ERROR_CODE'] ?? 'NOT_DELIVERED',
        reason: attributes['ERROR_MESSAGE'],
      };
    case 'subscription':
      return { code: 'NOT_DELIVERED', reason: undefined };
    case 'invocation':
      return {
        code: attributes['ERROR_CODE'] ?? 'RUN_FAILED',
        reason: attributes['ERROR_MESSAGE'],
      };
    default:
      return assertNever(queue);
  }
}

function factsOf(queue: LetterQueue, { body }: RawLetter): Facts {
  const json = parseJson(body);
  switch (queue) {
    case 'ingest':
    case 'undelivered':
      return eventFacts(json);
    case 'subscription':
      return noticeFacts(json);
    case 'invocation':
      return runFacts(json);
    default:
      return assertNever(queue);
  }
}

function eventFacts(json: unknown): Facts {
  const parsed = v.safeParse(Event, json);
  if (!parsed.success) return {};
  const { bucket, object } = parsed.output.detail;
  return {
    bucket: bucket.name,
    key: object.key,
    versionId: object['version-id'],
    sizeBytes: object.size,
  };
}

function noticeFacts(json: unknown): Facts {
  const envelope = v.safeParse(Envelope, json);
  const parsed = v.safeParse(Notice, envelope.success ? parseJson(envelope.output.Message) : json);
  if (!parsed.success) return {};
  const { partner, object } = parsed.output;
  return { ...object, partner };
}

function runFacts(json: unknown): Facts {
  const parsed = v.safeParse(FailedRun, json);
  if (!parsed.success) return {};
  const { requestContext, responsePayload = {} } = parsed.output;
  const { requestId, functionArn, approximateInvokeCount } = requestContext;
  const { errorType, errorMessage } = responsePayload;
  return {
    reason: [functionArn.split(':')[6], errorType, errorMessage].filter(Boolean).join(': '),
    requestId,
    tryCount: approximateInvokeCount,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}
