import { readFile } from 'node:fs/promises';
import * as v from 'valibot';
import { describeError } from '../../shared/platform/errors.ts';
import { OpsError } from '../ops-error.ts';

const NAMES = [
  'sftpHour',
  'sftpGb',
  'endpointHour',
  'endpointGb',
  's3GbMonth',
  's3Write',
  's3Read',
  's3TagMonth',
  'efsGbMonth',
  'efsWriteGb',
  'efsReadGb',
  'backupGbMonth',
  'lambdaX86GbS',
  'lambdaArmGbS',
  'lambdaTmpGbS',
  'lambdaRequest',
  'sqsRequest',
  'snsPublish',
  'eventBridgeEvent',
  'eventBridgeArchiveGb',
  'kmsKeyMonth',
  'kmsRequest',
  'logGb',
  'logGbMonth',
  'metricMonth',
  'alarmMetricMonth',
  'dashboardMonth',
  'trace',
  'zoneMonth',
] as const;

const Price = v.object({
  usd: v.pipe(v.number(), v.minValue(0)),
  per: v.string(),
  source: v.pipe(v.string(), v.url()),
});

const PriceList = v.object({
  asOf: v.pipe(v.string(), v.isoDate()),
  region: v.string(),
  currency: v.literal('USD'),
  prices: v.record(v.picklist(NAMES), Price),
});

type PriceName = (typeof NAMES)[number];

/** AWS's prices per unit, in one region, on one day. */
export type PriceList = {
  readonly asOf: string;
  readonly region: string;
  /** US dollars. */
  readonly of: (name: PriceName) => number;
};

/** @throws OpsError when the file cannot be read, is not a price list, or lacks a price */
export async function readPrices(path: string): Promise<PriceList> {
  try {
    const { asOf, region, prices } = v.parse(PriceList, JSON.parse(await readFile(path, 'utf8')));
    const missing = NAMES.filter((name) => prices[name] === undefined);
    if (missing.length > 0) throw new Error(`it lacks ${missing.join(', ')}`);
    return { asOf, region, of: (name) => prices[name]?.usd ?? 0 };
  } catch (cause) {
    throw new OpsError(
      `${path} is not a price list`,
      { why: describeError(cause), how: 'start from a copy of ops/cost/prices.json' },
      { cause },
    );
  }
}
