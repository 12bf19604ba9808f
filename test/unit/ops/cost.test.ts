import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ASSUMED } from '../../../ops/cost/assumptions.ts';
import { estimateCost } from '../../../ops/cost/estimate.ts';
import { readPrices } from '../../../ops/cost/prices.ts';
import { parseCount, parseSize } from '../../../ops/size.ts';
import { deploy, ofType, ROOT } from '../../support/template/deployment.ts';

const prices = await readPrices(join(ROOT, 'ops/cost/prices.json'));
const oneOf = (only: string) => ({ ...prices, of: (name: string) => (name === only ? 1 : 0) });
const workload = { fileCount: 1000, averageSizeBytes: 20e6, landingDays: 0 };

describe('each price is charged for what AWS charges it for', () => {
  test.each([
    ['sftpHour', 730],
    ['endpointHour', 3 * 2 * 730],
    ['zoneMonth', 1],
    ['kmsKeyMonth', 1],
    ['dashboardMonth', 1],
    ['sftpGb', 20],
    // A delivered file is written once, and read by an application.
    ['efsWriteGb', 20],
    ['efsReadGb', 20],
    ['efsGbMonth', 0],
    ['snsPublish', 1000],
    ['eventBridgeEvent', 1000],
    // Three parts of 8 MB, and the call that joins them.
    ['s3Write', 1000 * (4 + 3 + 1)],
  ] as const)('%s', (name, quantity) => {
    expect(estimateCost(workload, oneOf(name)).totalUsdPerMonth).toBeCloseTo(quantity, 6);
  });

  test('longer storage costs more, in proportion', () => {
    const month = { ...workload, landingDays: 365 / 12 };
    expect(estimateCost(month, oneOf('efsGbMonth')).totalUsdPerMonth).toBeCloseTo(20, 6);
  });

  test('without uploads only the fixed part is due', () => {
    const { fixed, totalUsdPerMonth } = estimateCost({ ...workload, fileCount: 0 }, prices);
    expect(totalUsdPerMonth).toBeCloseTo(
      fixed.reduce((sum, line) => sum + line.usdPerMonth, 0),
      9,
    );
    expect(totalUsdPerMonth).toBeGreaterThan(250);
  });
});

test('the assumed counts are those of the template', () => {
  const resources = deploy();
  const endpoints = ofType(resources, 'AWS::EC2::VPCEndpoint').filter(
    ({ properties }) => properties.VpcEndpointType === 'Interface',
  );
  expect(endpoints).toHaveLength(ASSUMED.interfaceEndpoints);
  expect(ofType(resources, 'AWS::EFS::MountTarget')).toHaveLength(ASSUMED.zones);
  const watched = ofType(resources, 'AWS::CloudWatch::Alarm').map(
    ({ properties }) =>
      (properties.Metrics ?? [{ MetricStat: true }]).filter(
        (metric: object) => 'MetricStat' in metric,
      ).length,
  );
  expect(watched.reduce((sum, count) => sum + count, 0)).toBe(ASSUMED.alarmMetrics);
  const ingest = resources.find(({ id }) => id === 'IngestFunction')?.properties;
  expect(ingest.MemorySize).toBe(ASSUMED.ingest.memoryGb * 1024);
  expect(ingest.EphemeralStorage.Size).toBe(ASSUMED.ingest.tmpGb * 1024);
  const refresh = resources.find(({ id }) => id === 'RefreshSignaturesFunction')?.properties;
  expect(refresh.MemorySize).toBe(ASSUMED.refresh.memoryGb * 1024);
});

test("docs/deploy.md shows the command's output", () => {
  const page = readFileSync(join(ROOT, 'docs/deploy.md'), 'utf8');
  const rows = [...page.matchAll(/^\| ([\d,]+) \| (\d+ [KMG]B) \| (\d+) \| (\d+) \| (\d+) \|$/gm)];
  expect(rows.length).toBeGreaterThan(2);
  for (const [row, files = '', size = '', fixed, perUse, total] of rows) {
    const estimate = estimateCost(
      {
        fileCount: Number(files.replaceAll(',', '')),
        averageSizeBytes: parseSize(size),
        landingDays: 30,
      },
      prices,
    );
    const sum = (lines: readonly { usdPerMonth: number }[]) =>
      lines.reduce((all, line) => all + line.usdPerMonth, 0).toFixed(0);
    expect([sum(estimate.fixed), sum(estimate.perUse)], row).toEqual([fixed, perUse]);
    expect(estimate.totalUsdPerMonth.toFixed(0), row).toBe(total);
  }
});

describe('sizes', () => {
  test.each([
    ['1500', 1500],
    ['20KB', 20_000],
    ['1.5 GB', 1.5e9],
    ['5m', 5e6],
    ['10MB', 10_000_000],
    ['10MiB', 10_485_760],
    ['1.5 kib', 1536],
  ])('%s', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });

  test.each(['', 'big', '-1', '1e3', '1 Ki B', '1iB'])('"%s" is refused', (text) => {
    expect(() => parseSize(text)).toThrow('is not a size');
  });

  test('a count is whole', () => {
    expect(parseCount('12')).toBe(12);
    expect(() => parseCount('1.5')).toThrow('not a whole number');
  });
});

test('a price list with a missing price is an error that names it', async () => {
  await expect(readPrices(join(ROOT, 'package.json'))).rejects.toThrow('is not a price list');
});
