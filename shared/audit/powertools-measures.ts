import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Finding } from './finding.ts';

const NAMES: Readonly<Record<Finding['code'], string>> = {
  ENDPOINT_PUBLIC: 'PublicEndpoints',
  ENDPOINT_INTERNET_FACING: 'InternetFacingEndpoints',
  ENDPOINT_INTERNAL: 'InternalEndpoints',
  ENDPOINT_LEGACY: 'LegacyEndpoints',
  ENDPOINT_UNKNOWN: 'UnknownEndpoints',
  SERVER_UNREADABLE: 'UnreadableServers',
  REGION_UNREADABLE: 'UnreadableRegions',
  REGION_WITHOUT_TRANSFER: 'RegionsWithoutTransfer',
  REGIONS_UNLISTED: 'UnlistedRegions',
};

/**
 * Counts by kind of finding, zeros included, so that an alarm ends when its cause does. Namespace
 * `Airlock`, dimension `service: audit-endpoints`; a line of the function's log, which costs no call.
 */
export function measureFindings(findings: readonly Finding[]): void {
  const metrics = new Metrics({ namespace: 'Airlock', serviceName: 'audit-endpoints' });
  for (const [code, name] of Object.entries(NAMES)) {
    const found = findings.filter((finding) => finding.code === code);
    metrics.addMetric(name, MetricUnit.Count, found.length);
  }
  metrics.publishStoredMetrics();
}
