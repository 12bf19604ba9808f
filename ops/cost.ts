import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import * as v from 'valibot';
import { type CostLine, estimateCost } from './cost/estimate.ts';
import { readPrices } from './cost/prices.ts';
import { parseCount, parseSize } from './size.ts';
import { createOutput, table } from './output.ts';

const PRICES = fileURLToPath(new URL('cost/prices.json', import.meta.url));

const Options = v.object({
  files: v.string(),
  avgSize: v.string(),
  landingDays: v.string(),
  prices: v.string(),
  json: v.optional(v.boolean(), false),
});

export function register(noun: Command): void {
  noun
    .requiredOption('--files <count>', 'uploads per month')
    .requiredOption('--avg-size <size>', 'average size: 1500, 20KB, 1.5GB')
    .option('--landing-days <days>', 'days that files stay in the landing tree', '30')
    .option(
      '--prices <file>',
      'price list of your region, in the format of ops/cost/prices.json',
      PRICES,
    )
    .action(async (_options: unknown, command: Command) => {
      const options = v.parse(Options, command.optsWithGlobals());
      const workload = {
        fileCount: parseCount(options.files),
        averageSizeBytes: parseSize(options.avgSize),
        landingDays: parseCount(options.landingDays),
      };
      const prices = await readPrices(options.prices);
      const estimate = estimateCost(workload, prices);
      const { asOf, region } = prices;
      createOutput(options.json).show({ ...workload, asOf, region, ...estimate }, () =>
        [
          table(
            ['what', 'USD a month'],
            [
              ...rows(estimate.fixed),
              ['', ''],
              ...rows(estimate.perUse),
              ['', ''],
              ['total', dollars(estimate.totalUsdPerMonth)],
            ],
          ),
          '',
          `List prices of ${region} as of ${asOf}, without free tiers and taxes.`,
          'ops/cost/assumptions.ts has the assumptions.',
        ].join('\n'),
      );
    });
}

function rows(lines: readonly CostLine[]): string[][] {
  return lines.map(({ what, usdPerMonth }) => [what, dollars(usdPerMonth)]);
}

function dollars(usd: number): string {
  return usd.toFixed(2).padStart(11);
}
