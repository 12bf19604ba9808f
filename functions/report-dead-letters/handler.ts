import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { Context } from 'aws-lambda';
import type { DeadLetterQueue } from '../../shared/dead-letters/dead-letter.ts';
import { LEASE_S } from '../../shared/dead-letters/dead-letters.ts';
import {
  type QueueInspection,
  reportDeadLetters,
} from '../../shared/dead-letters/dead-letter-report.ts';
import { snsMailer } from '../../shared/platform/sns-mailer.ts';
import { parseEnvironment } from '../../shared/platform/environment.ts';
import { describeError } from '../../shared/platform/errors.ts';
import { powertoolsLog } from '../../shared/platform/powertools-log.ts';
import { readDeadLetter } from '../../shared/dead-letters/read-dead-letter.ts';
import { sqsDeadLetters } from '../../shared/dead-letters/sqs-dead-letters.ts';
import { Environment } from './config.ts';

/** Kept back for sending the mail. */
const SENDING_MS = 10_000;

/** Per queue: the mail gives counts and examples, and a sample of 500 names every cause. */
const MAX_MESSAGES = 500;

// Once per cold start: read the environment, build the clients.
const config = parseEnvironment(Environment, process.env, 'report-dead-letters');
const log = powertoolsLog('report-dead-letters');
const sqsQueues = sqsDeadLetters(new SQSClient({}));
const mailer = snsMailer(new SNSClient({}), config.OPERATIONS_TOPIC_ARN);
const queues = [
  ['ingest', config.INGEST_DEAD_LETTER_QUEUE_URL],
  ['undelivered', config.UNDELIVERED_EVENT_QUEUE_URL],
  ['subscription', config.SUBSCRIPTION_DEAD_LETTER_QUEUE_URL],
  ['invocation', config.FAILED_INVOCATION_QUEUE_URL],
] as const;

export type ReportResult = { readonly messageCount: number; readonly mailed: boolean };

/**
 * Called by an alarm on a dead-letter queue, and on a schedule while it lasts. The event is ignored:
 * every queue is read, and no mail is sent if all are empty.
 */
export async function handler(_event: unknown, context: Context): Promise<ReportResult> {
  const remainingMs = (): number => context.getRemainingTimeInMillis();
  const signal = AbortSignal.timeout(Math.max(remainingMs() - SENDING_MS, 0));
  const inspections = await Promise.all(queues.map(([queue, url]) => inspect(queue, url, signal)));
  const messageCount = inspections
    .filter((it) => it.kind === 'read')
    .reduce((sum, it) => sum + it.totalCount, 0);
  const mail = reportDeadLetters(inspections, config.STACK_NAME);
  if (mail) await mailer.send(mail, AbortSignal.timeout(Math.max(remainingMs() - 1_000, 0)));
  log.info('dead letters reported', { messageCount, mailed: mail !== undefined });
  return { messageCount, mailed: mail !== undefined };
}

/** A queue that cannot be read is reported, and does not keep the others from being reported. */
async function inspect(
  queue: DeadLetterQueue,
  queueUrl: string,
  signal: AbortSignal,
): Promise<QueueInspection> {
  try {
    const options = { queueUrl, maxCount: MAX_MESSAGES, leaseS: LEASE_S };
    await using leased = await sqsQueues.lease(options, signal);
    const { totalCount, retentionMs } = leased;
    const deadLetters = leased.messages.map((message) => readDeadLetter(queue, message));
    return { kind: 'read', queue, totalCount, deadLetters, retentionMs };
  } catch (error) {
    log.error('dead-letter queue not read', error, { queue });
    return { kind: 'unreadable', queue, reason: describeError(error) };
  }
}
