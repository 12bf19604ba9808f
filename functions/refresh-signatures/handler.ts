import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Context } from 'aws-lambda';
import { type Refreshed, refreshSignatures } from '../../shared/signatures/refresh-signatures.ts';
import { parseEnvironment } from '../../shared/platform/environment.ts';
import { powertoolsLog } from '../../shared/platform/powertools-log.ts';
import type { SignatureStore } from '../../shared/signatures/signature-store.ts';
import { Environment } from './config.ts';
import { createPorts, createRules } from './deps.ts';

/** Reserved for cleaning up and reporting the result. */
const RESERVED_MS = 10_000;
const HOUR_MS = 3_600_000;

// Once per cold start.
const config = parseEnvironment(Environment, process.env, 'refresh-signatures');
const rules = createRules(config);
const log = powertoolsLog('refresh-signatures');

/**
 * Runs on a schedule or by hand: publishes newer signatures if there are any and they pass the
 * canary.
 *
 * @throws Error when the fetch failed or the new signatures were refused; the version in force
 *   does not change
 */
export async function handler(_event: unknown, context: Context): Promise<Refreshed> {
  const signal = AbortSignal.timeout(context.getRemainingTimeInMillis() - RESERVED_MS);
  const metrics = new Metrics({ namespace: 'Airlock', serviceName: 'refresh-signatures' });
  const ports = await createPorts(config);
  try {
    const refreshed = await refreshSignatures(ports, rules, signal);
    log.info('refresh ended', { ...refreshed });
    if (refreshed.result === 'refused') {
      metrics.addMetric('SignaturesRefused', MetricUnit.Count, 1);
      throw new Error(`the new signatures are not published: ${refreshed.why}`);
    }
    if (refreshed.result === 'published') {
      metrics.addMetric('SignaturesPublished', MetricUnit.Count, 1);
      metrics.addMetric('SignatureMemoryMb', MetricUnit.Megabytes, refreshed.memoryMb);
    }
    return refreshed;
  } finally {
    const ageH = await ageOf(ports.store).catch((error: unknown) => {
      log.error('the age of the signatures in force is unknown', error);
    });
    if (ageH !== undefined) metrics.addMetric('SignatureAgeH', MetricUnit.NoUnit, ageH);
    metrics.publishStoredMetrics();
  }
}

/** Age of the version in force; lists without a date count from their publication. */
async function ageOf(store: SignatureStore): Promise<number | undefined> {
  const published = await store.current(AbortSignal.timeout(RESERVED_MS / 2));
  if (published === undefined) return undefined;
  const { builtAt, publishedAt } = published.manifest;
  return (Date.now() - Date.parse(builtAt ?? publishedAt)) / HOUR_MS;
}
