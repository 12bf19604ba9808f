import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { measurementsOf } from '../../shared/notify/powertools-notifier.ts';
import { deploy, ofType, ROOT } from '../support/template/deployment.ts';

const resources = deploy({ OperationsEmail: 'operations@example.org' });
const alarms = ofType(resources, 'AWS::CloudWatch::Alarm');
const queues = ofType(resources, 'AWS::SQS::Queue');

const SOURCES = ['functions', 'shared']
  .flatMap((folder) =>
    readdirSync(`${ROOT}${folder}`, { recursive: true, encoding: 'utf8' }).map(
      (path) => `${ROOT}${folder}/${path}`,
    ),
  )
  .filter((path) => path.endsWith('.ts'))
  .map((path) => readFileSync(path, 'utf8'));

/** As GitHub makes them of headings. */
function anchorsOf(markdown: string): readonly string[] {
  const headings = markdown.matchAll(/^#+ +(.+)$/gm);
  return [...headings].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .trim()
      .replaceAll(' ', '-'),
  );
}

describe.each(alarms.map(({ id, properties }) => [id, properties] as const))('%s', (id, alarm) => {
  test('tells operations when it goes off, and when it is over', () => {
    expect(alarm.AlarmActions).toEqual(['<OperationsTopic>']);
    expect(alarm.OKActions).toEqual(['<OperationsTopic>']);
  });

  test('says what it means, and where it is written what to do', () => {
    const [, words = '', anchor] =
      /^(.+) docs\/runbook\.md#([a-z0-9-]+)$/s.exec(alarm.AlarmDescription.trim()) ?? [];
    expect(words.length).toBeGreaterThan(40);
    expect(anchor).toBe(id.replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, '-').toLowerCase());
    const runbook = `${ROOT}docs/runbook.md`;
    expect(existsSync(runbook)).toBe(true);
    expect(anchorsOf(readFileSync(runbook, 'utf8'))).toContain(anchor);
  });

  test('decides what missing data means', () => {
    expect(['breaching', 'notBreaching']).toContain(alarm.TreatMissingData);
  });
});

test('every dead-letter queue has an alarm', () => {
  const watched = alarms
    .filter(({ properties }) => properties.MetricName === 'ApproximateNumberOfMessagesVisible')
    .map(({ properties }) => properties.Dimensions[0].Value);
  const deadLetters = queues.filter(({ properties }) => properties.RedrivePolicy === undefined);
  expect(new Set(watched)).toEqual(new Set(deadLetters.map(({ id }) => `<${id}.QueueName>`)));
});

test('every function that is not part of a deployment has an alarm on its errors', () => {
  const watched = alarms
    .filter(({ properties }) => properties.MetricName === 'Errors')
    .map(({ properties }) => properties.Dimensions[0].Value);
  const functions = ofType(resources, 'AWS::Lambda::Function')
    .map(({ id }) => `<${id}>`)
    .filter((id) => !/PrepareFileSystem|SftpAddress/.test(id));
  expect(new Set(watched)).toEqual(new Set(functions));
});

describe('the dashboard', () => {
  const { DashboardBody } = ofType(resources, 'AWS::CloudWatch::Dashboard')[0]?.properties ?? {};
  const { widgets } = JSON.parse(DashboardBody);

  test('is JSON whose widgets do not overlap', () => {
    const cells = new Set<string>();
    for (const { x, y, width, height } of widgets) {
      for (let column = x; column < x + width; column++) {
        for (let row = y; row < y + height; row++) {
          expect(cells.has(`${column},${row}`)).toBe(false);
          expect(column).toBeLessThan(24);
          cells.add(`${column},${row}`);
        }
      }
    }
  });

  test('answers four questions', () => {
    expect(DashboardBody).toMatch(/working\?.*How much\?.*How fast\?.*stuck\?/s);
  });

  test('shows every alarm', () => {
    const { properties } = widgets.find(({ type }: { type: string }) => type === 'alarm');
    expect(properties.alarms.toSorted()).toEqual(alarms.map(({ id }) => `<${id}.Arn>`).toSorted());
  });

  test('shows only such metrics of ours as a notice is measured by', () => {
    const at = '2026-11-21T09:00:00.000Z';
    const object = { bucket: 'b', key: 'k', etag: 'e', sizeBytes: 1, arrivedAt: at };
    const scanner = { engine: 'e', signaturesBuiltAt: at };
    const stages = { waitMs: 1, stageMs: 1, scanMs: 1, commitMs: 1 };
    const measured = measurementsOf({
      schema: 'airlock.notice/1',
      id: 'i',
      outcome: 'delivered',
      at,
      object,
      scanner,
      stages,
    }).map(({ name }): string => name);
    const shown = [...DashboardBody.matchAll(/\["Airlock","(\w+)","service","ingest"/g)].map(
      ([, name]) => name,
    );
    expect(shown.length).toBeGreaterThan(8);
    for (const name of shown) expect(measured).toContain(name);
  });
});

test('every metric of a function that is watched or shown is one that it measures', () => {
  const text = JSON.stringify(resources).replaceAll('\\', '');
  const shown = [...text.matchAll(/\["Airlock","(\w+)","service","([a-z-]+)"/g)].map(
    ([, name = '', service = '']) => [service, name] as const,
  );
  const watched = alarms
    .filter(({ properties }) => properties.Namespace === 'Airlock')
    .flatMap(({ properties }) =>
      properties.Dimensions?.[0]?.Name === 'service'
        ? [[properties.Dimensions[0].Value, properties.MetricName] as const]
        : [],
    );
  const others = [...shown, ...watched].filter(([service]) => service !== 'ingest');
  expect(others.length).toBeGreaterThan(3);
  for (const [service, name] of others) {
    const metrics = SOURCES.filter((source) => source.includes(`serviceName: '${service}'`));
    expect(metrics.join('\n'), `${service} ${name}`).toMatch(new RegExp(`\\b${name}\\b`));
  }
});

test('every log group is kept for as long as the parameter says', () => {
  const groups = ofType(resources, 'AWS::Logs::LogGroup');
  expect(groups.length).toBe(ofType(resources, 'AWS::Lambda::Function').length + 1);
  for (const { id, properties } of groups) expect(properties.RetentionInDays, id).toBe(90);
});

test('every function is traced', () => {
  for (const { id, properties } of ofType(resources, 'AWS::Lambda::Function')) {
    expect(properties.TracingConfig, id).toEqual({ Mode: 'Active' });
  }
});
