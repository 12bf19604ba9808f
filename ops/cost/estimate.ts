import { ASSUMED } from './assumptions.ts';
import type { PriceList } from './prices.ts';

export type Workload = {
  /** Uploads per month. */
  readonly fileCount: number;
  readonly averageSizeBytes: number;
  /** Days that a file stays in the landing tree before an application removes it. */
  readonly landingDays: number;
};

export type CostLine = { readonly what: string; readonly usdPerMonth: number };

export type Estimate = {
  /** Due without any upload. */
  readonly fixed: readonly CostLine[];
  /** Due for the uploads. */
  readonly perUse: readonly CostLine[];
  readonly totalUsdPerMonth: number;
};

const GB = 1e9;

/** What a month costs, by AWS's billing items. Pure. */
export function estimateCost(workload: Workload, prices: PriceList): Estimate {
  const fixed = fixedLines(prices);
  const perUse = perUseLines(workload, prices);
  const totalUsdPerMonth = [...fixed, ...perUse].reduce((sum, line) => sum + line.usdPerMonth, 0);
  return { fixed, perUse, totalUsdPerMonth };
}

function fixedLines({ of }: PriceList): CostLine[] {
  const { hoursPerMonth, zones, interfaceEndpoints, refresh, sweep, ingest } = ASSUMED;
  const refreshS = refresh.runsPerMonth * refresh.secondsPerRun;
  const sweepS = sweep.runsPerMonth * sweep.secondsPerRun;
  const coldS = ingest.coldStartsPerMonth * ingest.secondsPerColdStart;
  return [
    { what: 'SFTP server', usdPerMonth: hoursPerMonth * of('sftpHour') },
    {
      what: `${interfaceEndpoints} interface endpoints in ${zones} zones`,
      usdPerMonth: interfaceEndpoints * zones * hoursPerMonth * of('endpointHour'),
    },
    {
      what: 'alarms, metrics, dashboard',
      usdPerMonth:
        ASSUMED.alarmMetrics * of('alarmMetricMonth') +
        ASSUMED.metrics * of('metricMonth') +
        of('dashboardMonth'),
    },
    {
      what: 'clamd starting, all day long',
      usdPerMonth: ingestSeconds(coldS, of),
    },
    {
      what: 'signatures and sweep',
      usdPerMonth:
        refreshS * refresh.memoryGb * of('lambdaX86GbS') +
        sweepS * sweep.memoryGb * of('lambdaArmGbS') +
        (refresh.runsPerMonth + sweep.runsPerMonth) * of('lambdaRequest'),
    },
    {
      what: 'key, hosted zone, empty polls',
      usdPerMonth:
        of('kmsKeyMonth') + of('zoneMonth') + ASSUMED.sqsPollsPerMonth * of('sqsRequest'),
    },
  ];
}

function perUseLines(workload: Workload, { of }: PriceList): CostLine[] {
  const { fileCount: files, averageSizeBytes: bytes, landingDays } = workload;
  const { ingest, inboxKeepDays, daysPerMonth, partBytes } = ASSUMED;
  const gb = (files * bytes) / GB;
  const parts = bytes > partBytes ? Math.ceil(bytes / partBytes) + 1 : 0;
  const inboxGb = (gb * inboxKeepDays) / daysPerMonth;
  const landingGb = (gb * landingDays) / daysPerMonth;
  const logGb = (files * ASSUMED.logBytesPerFile) / GB;
  const invocations = files / ingest.filesPerInvocation;
  const scanS = files * (ingest.secondsPerFile + bytes / ingest.bytesPerSecond);
  return [
    { what: 'uploads over SFTP', usdPerMonth: gb * of('sftpGb') },
    {
      what: 'inbox: requests and tags',
      usdPerMonth:
        files * (ASSUMED.s3WritesPerFile + parts) * of('s3Write') +
        files * ASSUMED.s3ReadsPerFile * of('s3Read') +
        ((files * ASSUMED.tagsPerFile * inboxKeepDays) / daysPerMonth) * of('s3TagMonth') +
        files * ASSUMED.kmsRequestsPerFile * of('kmsRequest'),
    },
    { what: `inbox: ${inboxKeepDays} days`, usdPerMonth: inboxGb * of('s3GbMonth') },
    {
      what: 'scanning',
      usdPerMonth: ingestSeconds(scanS, of) + invocations * (of('lambdaRequest') + of('trace')),
    },
    {
      what: 'file system: written once, read by an application',
      usdPerMonth: gb * (of('efsWriteGb') + of('efsReadGb')),
    },
    {
      what: `file system: ${landingDays} days, with backup`,
      usdPerMonth: landingGb * (of('efsGbMonth') + of('backupGbMonth')),
    },
    {
      what: 'queue, notices, events',
      usdPerMonth:
        files * ASSUMED.sqsRequestsPerFile * of('sqsRequest') +
        files * (of('snsPublish') + of('eventBridgeEvent')) +
        ((files * ASSUMED.eventBytes) / GB) * of('eventBridgeArchiveGb') +
        ((files * ASSUMED.endpointBytesPerFile) / GB) * of('endpointGb'),
    },
    { what: 'logs', usdPerMonth: logGb * (of('logGb') + 3 * of('logGbMonth')) },
  ];
}

function ingestSeconds(seconds: number, of: PriceList['of']): number {
  const { memoryGb, tmpGb } = ASSUMED.ingest;
  return seconds * (memoryGb * of('lambdaX86GbS') + (tmpGb - 0.5) * of('lambdaTmpGbS'));
}
