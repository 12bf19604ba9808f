import type { Command } from 'commander';
import { parsePositive } from './duration.ts';
import { withReason } from './reason.ts';

/** `inbox`: what partners have uploaded. */
export function register(noun: Command): void {
  noun
    .command('list')
    .description('the newest upload of each key, and how it ended')
    .option('--prefix <prefix>', 'only keys that begin so', '')
    .option('--ending <ending>', 'only these: waiting, delivered, superseded, skipped or refused')
    .option('--limit <count>', 'at most so many, in the order of their keys', parsePositive, 100)
    .action(async (options: unknown, command: Command) => {
      const { list } = await import('./inbox/list.ts');
      await list(options, command);
    });

  withReason(noun.command('redeliver'))
    .description(
      'delivers again what was delivered, for when the landing tree has lost it: each file is ' +
        "processed as a new upload, scanned with today's signatures and announced again",
    )
    .option('--key <key...>', 'these files')
    .option('--prefix <prefix>', 'all files whose key begins with it')
    .option('--all', 'all files')
    .option('--dry-run', 'only say what would be done')
    .action(async (options: unknown, command: Command) => {
      const { redeliverMany } = await import('./inbox/redeliver-many.ts');
      await redeliverMany(options, command);
    });
}
