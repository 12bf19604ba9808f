import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { ingestBatch } from '../../shared/pipeline/ingest-batch.ts';
import { parseEnvironment } from '../../shared/platform/environment.ts';
import { Environment } from './config.ts';
import { createPorts } from './deps.ts';

/** Reserved at the end of the function's time, to announce and dead-letter what the deadline cut off. */
const RESERVE_MS = 5_000;

// Once per cold start: read the environment, build the clients.
const config = parseEnvironment(Environment, process.env, 'ingest');
const ports = createPorts(config);

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
      timeMs: Math.max(context.getRemainingTimeInMillis() - RESERVE_MS, 0),
      reserveMs: RESERVE_MS,
      requestId,
    },
  );
}
