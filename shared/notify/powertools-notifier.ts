import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Notice } from './notice.ts';
import type { Notifier } from './notifier.ts';

/**
 * Publishes each ending as metrics in the namespace `Airlock`, by outcome. They are a line of the
 * function's log (embedded metric format), so this cannot fail and costs no call.
 */
export function powertoolsNotifier(): Notifier {
  const metrics = new Metrics({ namespace: 'Airlock', serviceName: 'ingest' });
  return {
    async announce(notice) {
      // No `await` from here to the end: concurrent objects share `metrics`.
      metrics.addDimension('outcome', notice.outcome);
      for (const { name, unit, value } of measurementsOf(notice)) {
        metrics.addMetric(name, unit, value);
      }
      metrics.publishStoredMetrics();
    },
  };
}

type Measurement = {
  readonly name: string;
  readonly unit: (typeof MetricUnit)[keyof typeof MetricUnit];
  readonly value: number;
};

/** The measurements in one notice; absent ones are left out. */
export function measurementsOf(notice: Notice): readonly Measurement[] {
  const { Count, Bytes, Milliseconds, Seconds } = MetricUnit;
  const { object, stages, scanner } = notice;
  const at = Date.parse(notice.at);
  const since = (instant: string | undefined, unitMs: number): number | undefined =>
    instant === undefined ? undefined : Math.max(at - Date.parse(instant), 0) / unitMs;
  const candidates = [
    { name: 'Files', unit: Count, value: 1 },
    {
      name: 'HeldAsHeuristic',
      unit: Count,
      value: notice.reason?.startsWith('heuristic:') ? 1 : undefined,
    },
    { name: 'Bytes', unit: Bytes, value: object?.sizeBytes },
    { name: 'ArrivalToEnding', unit: Milliseconds, value: since(object?.arrivedAt, 1) },
    { name: 'QueueAge', unit: Milliseconds, value: stages?.waitMs },
    { name: 'StageTime', unit: Milliseconds, value: stages?.stageMs },
    { name: 'ScanTime', unit: Milliseconds, value: stages?.scanMs },
    { name: 'CommitTime', unit: Milliseconds, value: stages?.commitMs },
    { name: 'SignatureAge', unit: Seconds, value: since(scanner?.signaturesBuiltAt, 1000) },
  ];
  return candidates.flatMap(({ name, unit, value }) =>
    value === undefined ? [] : [{ name, unit, value }],
  );
}
