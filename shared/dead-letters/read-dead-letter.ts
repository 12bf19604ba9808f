import * as v from 'valibot';
import type { DeadLetter, DeadLetterQueue } from './dead-letter.ts';
import { assertNever } from '../platform/assert-never.ts';
import type { RawMessage } from './dead-letters.ts';

/** The parts of an S3 event that are shown. Loose: a malformed message is read as far as possible. */
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

/** A notice that did not reach its subscriber, raw or in SNS's envelope. */
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
 * Lambda's record of an invocation whose retries all failed.
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

type Facts = Partial<DeadLetter>;

/** Parses a message for people. Pure; never throws: missing facts are `undefined`. */
export function readDeadLetter(queue: DeadLetterQueue, message: RawMessage): DeadLetter {
  const { attributes, body, messageId, sentAt } = message;
  const facts = factsOf(queue, message);
  const cause = codeAndReason(queue, attributes);
  return {
    queue,
    messageId,
    code: cause.code,
    reason: cause.reason ?? facts.reason,
    sentAt,
    // The body first: in an attribute, what SQS takes for no text is escaped, and long keys are cut.
    bucket: facts.bucket ?? attributes['Bucket'],
    key: facts.key ?? attributes['Key'],
    versionId: facts.versionId ?? attributes['VersionId'],
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
 * The ingest gives the cause in our attributes, EventBridge in its own
 * (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html), SQS and SNS give none.
 */
function codeAndReason(
  queue: DeadLetterQueue,
  attributes: RawMessage['attributes'],
): Pick<DeadLetter, 'code' | 'reason'> {
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

function factsOf(queue: DeadLetterQueue, { body }: RawMessage): Facts {
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
