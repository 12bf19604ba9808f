import type { SNSClient } from '@aws-sdk/client-sns';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { escapeControlCharacters } from '../../shared/platform/control-characters.ts';
import { encodeJson } from '../../shared/platform/encode-json.ts';
import type { BusEvent } from './bus-event.ts';
import { classifyFailure, type DeliveryFailure } from './delivery-failure.ts';
import { publishToTopic } from './sns-target.ts';
import { sendToQueue } from './sqs-target.ts';
import { bodyFor, serviceOf, type Target } from './target.ts';

export type Delivery = {
  readonly rule: { readonly name: string; readonly arn: string };
  readonly target: Target;
  readonly event: BusEvent;
  readonly traceHeader?: string | undefined;
};

/** An event that reached neither its target nor a dead-letter queue. */
export type Drop = {
  readonly rule: string;
  readonly targetArn: string;
  readonly event: BusEvent;
  readonly error: unknown;
};

export type DeliveryPorts = {
  readonly sqs: SQSClient;
  readonly sns: SNSClient;
  readonly queueUrl: (arn: string) => string;
  /** Waits before a retry; rejects when the signal aborts. */
  readonly delay: (ms: number, signal: AbortSignal) => Promise<unknown>;
  readonly onDropped: (drop: Drop) => void;
  /** Aborts when the bus closes: pending deliveries are then dropped and reported. */
  readonly signal: AbortSignal;
};

/**
 * AWS retries up to 185 times within 24 hours, too long for a developer who waits for the outcome. A
 * target's own MaximumRetryAttempts applies where it is smaller.
 */
const MAX_RETRIES = 5;
const FIRST_RETRY_MS = 50;

/** Delivers one event to one target. Never rejects: a drop is reported to the ports. */
export async function deliver(delivery: Delivery, ports: DeliveryPorts): Promise<void> {
  const { rule, target, event } = delivery;
  try {
    const lost = await sendWithRetries(delivery, ports);
    if (lost === undefined) return;
    if (target.deadLetterArn === undefined) throw lost.error;
    await deadLetter(delivery, lost, target.deadLetterArn, ports);
  } catch (failure) {
    const error: unknown = ports.signal.aborted ? ports.signal.reason : failure;
    ports.onDropped({ rule: rule.name, targetArn: target.arn, event, error });
  }
}

type Lost = {
  readonly failure: DeliveryFailure;
  readonly retryCount: number;
  readonly error: unknown;
};

async function sendWithRetries(
  delivery: Delivery,
  ports: DeliveryPorts,
): Promise<Lost | undefined> {
  const maxRetries = Math.min(delivery.target.maximumRetryAttempts ?? MAX_RETRIES, MAX_RETRIES);
  for (let retryCount = 0; ; retryCount++) {
    try {
      await send(delivery, ports);
      return undefined;
    } catch (error) {
      ports.signal.throwIfAborted();
      const failure = classifyFailure(error);
      if (!failure.isRetriable || retryCount >= maxRetries) return { failure, retryCount, error };
      await ports.delay(FIRST_RETRY_MS * 2 ** retryCount, ports.signal);
    }
  }
}

async function send(delivery: Delivery, ports: DeliveryPorts): Promise<void> {
  const { target, event, traceHeader } = delivery;
  const body = bodyFor(target, event);
  if (serviceOf(target.arn) === 'sns') {
    await publishToTopic(ports.sns, target.arn, body, ports.signal);
    return;
  }
  const queueUrl = ports.queueUrl(target.arn);
  await sendToQueue(
    ports.sqs,
    { queueUrl, body, ...(traceHeader !== undefined && { traceHeader }) },
    ports.signal,
  );
}

async function deadLetter(
  delivery: Delivery,
  lost: Lost,
  queueArn: string,
  ports: DeliveryPorts,
): Promise<void> {
  try {
    const message = {
      queueUrl: ports.queueUrl(queueArn),
      body: encodeJson(delivery.event),
      attributes: deadLetterAttributes(delivery, lost),
    };
    await sendToQueue(ports.sqs, message, ports.signal);
  } catch (cause) {
    const { message } = lost.failure;
    throw new Error(`not delivered (${message}), nor sent to ${queueArn}`, { cause });
  }
}

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-event-delivery.html#eb-rule-dlq */
function deadLetterAttributes(
  { rule, target }: Delivery,
  { failure, retryCount }: Lost,
): Record<string, string> {
  return {
    RULE_ARN: rule.arn,
    TARGET_ARN: target.arn,
    ERROR_CODE: failure.code,
    ERROR_MESSAGE: escapeControlCharacters(failure.message.toWellFormed()),
    RETRY_ATTEMPTS: String(retryCount),
    // Set only after retries of a retriable failure.
    ...(failure.isRetriable && { EXHAUSTED_RETRY_CONDITION: 'MaximumRetryAttempts' }),
  };
}
