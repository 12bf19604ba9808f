import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { Context } from 'aws-lambda';
import * as v from 'valibot';
import { efsLanding } from '../../shared/commit/efs-landing.ts';
import { type Reconciled, reconcileBucket } from '../../shared/reconcile/reconcile-bucket.ts';
import { parseEnvironment } from '../../shared/platform/environment.ts';
import { powertoolsLog } from '../../shared/platform/powertools-log.ts';
import { sqsWorkQueue } from '../../shared/queue/sqs-work-queue.ts';
import { s3Inventory } from '../../shared/inbox/s3-inventory.ts';
import { Environment, Request } from './config.ts';

/** Reserved at the end of the function's time, to report how far the sweep came. */
const RESERVE_MS = 2_000;

// Once per cold start: read the environment, build the clients.
const config = parseEnvironment(Environment, process.env, 'reconcile');
const log = powertoolsLog('reconcile');
const { LANDING_ROOT: landingRoot, INCOMING_ROOT: incomingRoot } = config;
const ports = {
  log,
  landing: efsLanding({ landingRoot, incomingRoot }),
  inventory: s3Inventory(new S3Client({})),
  queue: sqsWorkQueue(new SQSClient({}), {
    queue: config.INGEST_QUEUE_URL,
    deadLetter: config.DEAD_LETTER_QUEUE_URL,
  }),
};

export type SweepResult = Reconciled & { readonly partialsRemovedCount: number };

/** Called by Lambda on a schedule: requeues what never settled or was replaced, removes old partial files. */
export async function handler(event: unknown, context: Context): Promise<SweepResult> {
  const request = v.parse(Request, event);
  const now = Date.now();
  const partialsRemovedCount = await ports.landing.sweep(now - request.partialAfterS * 1000);
  const search = {
    arrivedBefore: now - request.unsettledAfterS * 1000,
    includeRefused: request.includeRefused,
  };
  const signal = AbortSignal.timeout(context.getRemainingTimeInMillis() - RESERVE_MS);
  const reconciled = await reconcileBucket(config.INBOX_BUCKET, search, ports, signal);

  const metrics = new Metrics({ namespace: 'Airlock', serviceName: 'reconcile' });
  metrics.addMetric('Requeued', MetricUnit.Count, reconciled.requeuedCount);
  metrics.addMetric('RequeueFailed', MetricUnit.Count, reconciled.failedCount);
  metrics.addMetric('PartialsRemoved', MetricUnit.Count, partialsRemovedCount);
  metrics.publishStoredMetrics();
  const result = { ...reconciled, partialsRemovedCount };
  log.info('sweep ended', { ...result, tookMs: Date.now() - now });
  return result;
}
