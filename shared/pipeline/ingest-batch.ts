import type { SQSBatchItemFailure, SQSBatchResponse, SQSRecord } from 'aws-lambda';
import PQueue from 'p-queue';
import { nextMove, type RetryPolicy } from '../decide/retry.ts';
import type { Arrival } from '../model/arrival.ts';
import type { Message } from '../model/message.ts';
import { parseArrival } from '../parse/arrival.ts';
import { parseMessage } from '../parse/message.ts';
import { type IngestError, toIngestError } from '../platform/errors.ts';
import type { Log } from '../platform/log.ts';
import { announce } from './announce.ts';
import { ingestObject } from './ingest-object.ts';
import type { BatchPorts } from './ports.ts';

export type BatchOptions = RetryPolicy & {
  /** Objects in flight at once; bounds memory, scanner threads and open files. */
  readonly concurrency: number;
  /** Fires a little before the function's time is over; what is under way then is retried. */
  readonly deadline: AbortSignal;
  /** Milliseconds that are left after the deadline, to announce and dead-letter what it cut off. */
  readonly lastWordsMs: number;
};

/** Ingests a batch. One slow or poisoned message never decides the fate of its neighbours. */
export async function ingestBatch(
  records: readonly SQSRecord[],
  ports: BatchPorts,
  options: BatchOptions,
): Promise<SQSBatchResponse> {
  const queue = new PQueue({ concurrency: options.concurrency });
  const failures = await queue.addAll(
    records.map((record) => () => ingestMessage(parseMessage(record), ports, options)),
  );
  return { batchItemFailures: failures.filter((failure) => failure !== undefined) };
}

async function ingestMessage(
  message: Message,
  ports: BatchPorts,
  options: BatchOptions,
): Promise<SQSBatchItemFailure | undefined> {
  const log = ports.log.with({
    messageId: message.messageId,
    receiveCount: message.receiveCount,
  });
  let arrival: Arrival | undefined;
  try {
    arrival = parseArrival(message.body);
    const { bucket, key, versionId, sizeBytes } = arrival;
    log.info('object started', { bucket, key, versionId, sizeBytes });
    const startedAt = ports.now();
    const attempt = {
      messageId: message.messageId,
      redelivered: message.receiveCount > 1,
      relanding: false,
      signal: options.deadline,
    };
    const outcome = await ingestObject(arrival, attempt, ports);
    log.info('object ended', {
      bucket,
      key,
      versionId,
      ...outcome,
      tookMs: ports.now() - startedAt,
    });
    return undefined;
  } catch (error) {
    return await afterFailure(message, arrival, toIngestError(error), { ...ports, log }, options);
  }
}

/** Hides the message for a while, or dead-letters it; in doubt it stays with SQS. */
async function afterFailure(
  message: Message,
  arrival: Arrival | undefined,
  error: IngestError,
  ports: BatchPorts & { readonly log: Log },
  options: BatchOptions,
): Promise<SQSBatchItemFailure | undefined> {
  const { code } = error;
  const retry = { itemIdentifier: message.messageId };
  try {
    const move = nextMove(error.disposition, message.receiveCount, options);
    if (move === 'dead-letter') {
      const refused = { outcome: 'refused', code, reason: error.message } as const;
      const signal = AbortSignal.timeout(options.lastWordsMs);
      const attempt = { messageId: message.messageId, signal };
      await announce(refused, { arrival }, attempt, ports);
      await ports.queue.deadLetter(message, arrival, error);
      ports.log.error('object refused', error, { code, key: arrival?.key });
      return undefined; // it lies in the dead-letter queue, so SQS may delete this one
    }
    ports.log.warn('object will be retried', { code, reason: error.message, ...move });
    await ports.queue.hideFor(message, move.hideForS);
  } catch (cause) {
    // Neither is essential: SQS hands it out again, and moves it away at its receive limit.
    ports.log.error('message left to SQS', cause, { code });
  }
  return retry;
}
