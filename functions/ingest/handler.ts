import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { ingestBatch } from '../../shared/pipeline/ingest-batch.ts';
import { parseEnvironment } from '../../shared/platform/environment.ts';
import { Environment } from './config.ts';
import { wire } from './deps.ts';

/** Kept back from the function's time for what the deadline cuts off. */
const LAST_WORDS_MS = 5_000;

// Once per cold start: read the environment, build the clients.
const config = parseEnvironment(Environment, process.env, 'ingest');
const ports = wire(config);

/** Called by Lambda, once per batch. */
export async function handler(event: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  const requestId = context.awsRequestId;
  return await ingestBatch(
    event.Records,
    { ...ports, log: ports.log.with({ requestId }) },
    {
      concurrency: config.OBJECT_CONCURRENCY,
      maxReceiveCount: config.MAX_RECEIVE_COUNT,
      retryBaseS: config.RETRY_BASE_S,
      timeMs: Math.max(context.getRemainingTimeInMillis() - LAST_WORDS_MS, 0),
      lastWordsMs: LAST_WORDS_MS,
      requestId,
    },
  );
}
