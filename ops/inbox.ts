import { S3Client } from '@aws-sdk/client-s3';
import type { Command } from 'commander';
import PQueue from 'p-queue';
import * as v from 'valibot';
import { openContext } from './context.ts';
import { EXIT, OpsError } from './ops-error.ts';
import { type Keys, newestUploads } from './inbox/newest.ts';
import { redeliver, type Redelivery } from './inbox/redeliver.ts';
import { table } from './output.ts';

/** Each takes a few requests to S3, which answers in some 20 ms. */
const KEYS_AT_ONCE = 16;

const Options = v.object({
  key: v.optional(v.array(v.string())),
  prefix: v.optional(v.string()),
  all: v.optional(v.literal(true)),
  dryRun: v.optional(v.boolean(), false),
});

/** `inbox`: what partners have uploaded. */
export function register(program: Command): void {
  const noun = program.command('inbox').description('what partners have uploaded');
  noun
    .command('redeliver')
    .description(
      'delivers again what was delivered, for when the landing tree has lost it: each file is ' +
        "processed as a new upload, scanned with today's signatures and announced again",
    )
    .option('--key <key...>', 'these files')
    .option('--prefix <prefix>', 'all files whose key begins with it')
    .option('--all', 'all files')
    .option('--dry-run', 'only say what would be done')
    .action(async (options: unknown, command: Command) => run(command, v.parse(Options, options)));
}

async function run(command: Command, options: v.InferOutput<typeof Options>): Promise<void> {
  const wanted = choose(options);
  const { target, out } = await openContext(command);
  const bucket = target.physicalId('InboxBucket');
  const s3 = new S3Client(target.settings('s3'));
  try {
    const queue = new PQueue({ concurrency: KEYS_AT_ONCE });
    const results: Redelivery[] = [];
    const failures: unknown[] = [];
    for await (const newest of newestUploads(s3, bucket, wanted)) {
      await queue.onSizeLessThan(KEYS_AT_ONCE);
      void queue.add(async () => {
        try {
          results.push(await redeliver(s3, newest, options.dryRun));
        } catch (error) {
          failures.push(error);
        }
      });
    }
    await queue.onIdle();
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
function choose({ key, prefix, all }: v.InferOutput<typeof Options>): Keys {
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
