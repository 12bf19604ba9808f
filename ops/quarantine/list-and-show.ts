import type { Command } from 'commander';
import * as v from 'valibot';
import { formatFile, formatList } from './format.ts';
import { withBuckets } from './open-buckets.ts';
import { findQuarantined, listQuarantined } from './quarantined-files.ts';

const Listed = v.object({
  prefix: v.optional(v.string(), ''),
  verdict: v.optional(v.string()),
});
const Chosen = v.object({ version: v.optional(v.string()) });

/** `quarantine list`. Where nothing fits a choice, it says how many there are. */
export async function list(options: unknown, command: Command): Promise<void> {
  const { prefix, verdict } = v.parse(Listed, options);
  await withBuckets(command, async (s3, { quarantine }, { out }) => {
    const found = await listQuarantined(s3, quarantine, prefix);
    const wanted = found.filter((file) => verdict === undefined || file.verdict === verdict);
    const isAll = wanted.length > 0 || (prefix === '' && verdict === undefined);
    const allCount = isAll ? wanted.length : (await listQuarantined(s3, quarantine, '')).length;
    out.show(wanted, () => formatList(wanted, { prefix, verdict, allCount }));
  });
}

/** `quarantine show` */
export async function show(key: string, options: unknown, command: Command): Promise<void> {
  const { version } = v.parse(Chosen, options);
  await withBuckets(command, async (s3, { quarantine }, { out }) => {
    const file = await findQuarantined(s3, quarantine, key, version);
    out.show(file, () => formatFile(file));
  });
}
