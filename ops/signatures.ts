import type { Command } from 'commander';
import { withReason } from './reason.ts';

/** `signatures`: the published versions of the database. */
export function register(noun: Command): void {
  noun
    .command('list')
    .description('the published versions, newest first, and which one is in force')
    .action(async (_options: unknown, command: Command) => {
      const { list } = await import('./signatures/list.ts');
      await list(command);
    });
  withReason(noun.command('use <version>'))
    .description(
      'puts a version, or the one that begins so, in force and pins it: nothing newer is fetched until ' +
        'it is released',
    )
    .action(async (version: string, options: unknown, command: Command) => {
      const { use } = await import('./signatures/use-and-release.ts');
      await use(version, options, command);
    });
  withReason(noun.command('release'))
    .description('unpins the version: the next refresh may put newer signatures in force')
    .action(async (options: unknown, command: Command) => {
      const { release } = await import('./signatures/use-and-release.ts');
      await release(options, command);
    });
}
