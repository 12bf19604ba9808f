import { S3Client } from '@aws-sdk/client-s3';
import type { Command } from 'commander';
import PQueue from 'p-queue';
import * as v from 'valibot';
import { act } from '../act.ts';
import { openContext } from '../context.ts';
import { EXIT, OpsError } from '../ops-error.ts';
import { type Keys, newestUploads } from './newest.ts';
import { redeliver, type Redelivery } from './redeliver.ts';
import { table } from '../output.ts';
import { checkReason } from '../reason.ts';

/** Each takes a few requests to S3, which answers in some 20 ms. */
const KEYS_AT_ONCE = 16;

const Options = v.object({
  key: v.optional(v.array(v.string())),
  prefix: v.optional(v.string()),
  all: v.optional(v.literal(true)),
  dryRun: v.optional(v.boolean(), false),
  reason: v.optional(v.string()),
});

/** `inbox redeliver` */
export async function redeliverMany(raw: unknown, command: Command): Promise<void> {
  const { reason: given, ...options } = v.parse(Options, raw);
  const reason = checkReason(given);
  const wanted = choose(options);
  const { target, out } = await openContext(command);
  const bucket = target.physicalId('InboxBucket');
  const s3 = new S3Client(target.settings('s3'));
  try {
    const queue = new PQueue({ concurrency: KEYS_AT_ONCE });
    const results: Redelivery[] = [];
    const failures: unknown[] = [];
    const { dryRun, ...parameters } = options;
    const place = { target, out };
    await act(place, { command: 'inbox redeliver', reason, parameters }, async (note) => {
      for await (const newest of newestUploads(s3, bucket, wanted)) {
        await queue.onSizeLessThan(KEYS_AT_ONCE);
        void queue.add(async () => {
          try {
            const result = await redeliver(s3, newest, dryRun);
            results.push(result);
            if (result.result === 'put back') note({ kind: 'upload', bucket, key: newest.key });
          } catch (error) {
            failures.push(error);
          }
        });
      }
      await queue.onIdle();
    });
    out.show(results, () => format(results));
    if (failures.length > 0) {
      throw new OpsError(`${failures.length} of ${results.length + failures.length} files failed`, {
        why: String(failures[0]),
        how: 'the others were put back; run the command again for the rest',
        exitCode: EXIT.failed,
      });
    }
  } finally {
    s3.destroy();
  }
}

/** @throws OpsError when it is not clear which files are meant */
function choose({ key, prefix, all }: Omit<v.InferOutput<typeof Options>, 'reason'>): Keys {
  if ([key, prefix, all].filter((given) => given !== undefined).length !== 1) {
    throw new OpsError('it is not clear which files are meant', {
      how: 'give one of --key KEY (more than once if need be), --prefix PREFIX and --all',
      exitCode: EXIT.usage,
    });
  }
  return key === undefined ? { prefix: prefix ?? '' } : { keys: key };
}

function format(results: readonly Redelivery[]): string {
  const sorted = results.toSorted((a, b) => a.key.localeCompare(b.key));
  const count = (result: Redelivery['result']): number =>
    results.filter((redelivery) => redelivery.result === result).length;
  return [
    table(
      ['KEY', 'RESULT', 'REASON'],
      sorted.map(({ key, result, reason = '' }) => [key, result, reason]),
    ),
    `${count('put back') + count('would be put back')} of ${results.length} files; ${count('left alone')} left alone.`,
  ].join('\n');
}
