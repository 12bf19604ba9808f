import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Finding } from './finding.ts';

/** Few, since CloudWatch charges for each name. */
const NAMES: Readonly<Record<Finding['code'], string | undefined>> = {
  ENDPOINT_PUBLIC: 'PublicEndpoints',
  ENDPOINT_INTERNET_FACING: 'InternetFacingEndpoints',
  ENDPOINT_INTERNAL: 'InternalEndpoints',
  ENDPOINT_LEGACY: 'LegacyEndpoints',
  ENDPOINT_UNKNOWN: 'NotLookedAt',
  SERVER_UNREADABLE: 'NotLookedAt',
  REGION_UNREADABLE: 'NotLookedAt',
  REGIONS_UNLISTED: 'NotLookedAt',
  REGION_WITHOUT_TRANSFER: undefined,
};

/**
 * Publishes counts by kind of finding, zeros included, so that an alarm ends when its cause does.
 * Namespace `Airlock`, dimension `service: audit-endpoints`; a log line, without an API call.
 */
export function measureFindings(findings: readonly Finding[]): void {
  const metrics = new Metrics({ namespace: 'Airlock', serviceName: 'audit-endpoints' });
  for (const { name, value } of countFindings(findings)) {
    metrics.addMetric(name, MetricUnit.Count, value);
  }
  metrics.publishStoredMetrics();
}

/** Counts findings by metric. Pure. */
export function countFindings(
  findings: readonly Finding[],
): readonly { readonly name: string; readonly value: number }[] {
  const names = new Set(Object.values(NAMES).filter((name) => name !== undefined));
  return [...names].map((name) => ({
    name,
    value: findings.filter(({ code }) => NAMES[code] === name).length,
  }));
}
