import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { Context } from 'aws-lambda';
import type { LetterQueue } from '../../shared/dead-letters/dead-letter.ts';
import { type QueueLook, reportDeadLetters } from '../../shared/dead-letters/dead-letter-report.ts';
import { snsMailer } from '../../shared/platform/sns-mailer.ts';
import { parseEnvironment } from '../../shared/platform/environment.ts';
import { describeError } from '../../shared/platform/errors.ts';
import { powertoolsLog } from '../../shared/platform/powertools-log.ts';
import { readDeadLetter } from '../../shared/dead-letters/read-dead-letter.ts';
import { sqsDeadLetters } from '../../shared/dead-letters/sqs-dead-letters.ts';
import { Environment } from './config.ts';

/** Kept back to tell what was found. */
const TELLING_MS = 10_000;

/** A mail counts and gives examples; five hundred letters are a sample that names every cause. */
const MAX_LETTERS = 500;

/** Fifty receives of ten take a few seconds; a letter is hidden no longer when this function dies. */
const HOLD_S = 60;

// Once per cold start: read the environment, build the clients.
const config = parseEnvironment(Environment, process.env, 'report-dead-letters');
const log = powertoolsLog();
const deadLetters = sqsDeadLetters(new SQSClient({}));
const mailer = snsMailer(new SNSClient({}), config.OPERATIONS_TOPIC_ARN);
const queues = [
  ['ingest', config.INGEST_DEAD_LETTER_QUEUE_URL],
  ['undelivered', config.UNDELIVERED_EVENT_QUEUE_URL],
  ['subscription', config.SUBSCRIPTION_DEAD_LETTER_QUEUE_URL],
  ['invocation', config.FAILED_INVOCATION_QUEUE_URL],
] as const;

export type ReportResult = { readonly messageCount: number; readonly mailed: boolean };

/**
 * Called by an alarm on a dead-letter queue, and on a schedule while it lasts. What calls it does not
 * matter: it looks into every queue, and says nothing when all are empty.
 */
export async function handler(_event: unknown, context: Context): Promise<ReportResult> {
  const remainingMs = (): number => context.getRemainingTimeInMillis();
  const patience = AbortSignal.timeout(Math.max(remainingMs() - TELLING_MS, 0));
  const looks = await Promise.all(queues.map(([queue, url]) => look(queue, url, patience)));
  const messageCount = looks.reduce((sum, seen) => sum + (seen.looked ? seen.totalCount : 0), 0);
  const mail = reportDeadLetters(looks, config.STACK_NAME);
  if (mail) await mailer.send(mail, AbortSignal.timeout(Math.max(remainingMs() - 1_000, 0)));
  log.info('dead letters reported', { messageCount, mailed: mail !== undefined });
  return { messageCount, mailed: mail !== undefined };
}

/** A queue that cannot be read is part of the report, and hides no other one. */
async function look(queue: LetterQueue, queueUrl: string, signal: AbortSignal): Promise<QueueLook> {
  try {
    const options = { queueUrl, maxCount: MAX_LETTERS, holdS: HOLD_S };
    await using held = await deadLetters.hold(options, signal);
    const { totalCount, retentionMs } = held;
    const letters = held.letters.map((letter) => readDeadLetter(queue, letter));
    return { queue, looked: true, totalCount, letters, retentionMs };
  } catch (error) {
    log.error('dead-letter queue not read', error, { queue });
    return { queue, looked: false, reason: describeError(error) };
  }
}
