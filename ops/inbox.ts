import { S3Client } from '@aws-sdk/client-s3';
import type { Command } from 'commander';
import PQueue from 'p-queue';
import * as v from 'valibot';
import { openContext } from './context.ts';
import { EXIT, OpsError } from './ops-error.ts';
import { type Keys, newestUploads } from './inbox/newest.ts';
import { reland, type Relanded } from './inbox/redeliver.ts';
import { table } from './output.ts';

/** Each is a few requests to S3, which answers in some 20 ms. */
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
    .command('reland')
    .description(
      'delivers again what was delivered, for when the landing tree has lost it: each file arrives once more, ' +
        'is scanned with the signatures of today, and announced as a new upload',
    )
    .option('--key <key...>', 'these files')
    .option('--prefix <prefix>', 'all files whose key begins so')
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
    const results: Relanded[] = [];
    const failures: unknown[] = [];
    for await (const newest of newestUploads(s3, bucket, wanted)) {
      await queue.onSizeLessThan(KEYS_AT_ONCE);
      void queue.add(async () => {
        try {
          results.push(await reland(s3, newest, options.dryRun));
        } catch (error) {
          failures.push(error);
        }
      });
    }
    await queue.onIdle();
    out.show(results, () => words(results));
    if (failures.length > 0) {
      throw new OpsError(`${failures.length} of ${results.length + failures.length} files failed`, {
        why: String(failures[0]),
        how: 'the others were put back; give the command again for the rest',
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

function words(results: readonly Relanded[]): string {
  const sorted = results.toSorted((a, b) => a.key.localeCompare(b.key));
  const count = (result: Relanded['result']): number =>
    results.filter((relanded) => relanded.result === result).length;
  return [
    table(
      ['KEY', 'RESULT', 'REASON'],
      sorted.map(({ key, result, reason = '' }) => [key, result, reason]),
    ),
    `${count('put back') + count('would be put back')} of ${results.length} files; ${count('left alone')} left alone.`,
  ].join('\n');
}
