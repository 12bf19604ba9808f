import { type Command, InvalidArgumentError, Option } from 'commander';
import { withReason } from './reason.ts';

const VERDICTS = ['infected', 'unscannable'];

/** `quarantine`: files that were not delivered. */
export function register(noun: Command): void {
  noun.addHelpText(
    'after',
    '\nOn AWS only the role that the stack names in SecurityRoleArn has access.',
  );

  noun
    .command('list')
    .description('all of them, oldest first')
    .option('--prefix <prefix>', 'only keys that begin so')
    .addOption(new Option('--verdict <verdict>', 'only these').choices(VERDICTS))
    .action(async (options: unknown, command: Command) => {
      const { list } = await import('./quarantine/list-and-show.ts');
      await list(options, command);
    });

  forOne(noun.command('show'))
    .description('shows all the evidence on one')
    .action(async (key: string, options: unknown, command: Command) => {
      const { show } = await import('./quarantine/list-and-show.ts');
      await show(key, options, command);
    });

  withReason(forOne(noun.command('release')))
    .description(
      "copies one back into the inbox, to be processed again with today's signatures and policy",
    )
    .option(
      '--as <partner>',
      "apply this partner's policy, and count it as its upload",
      partnerName,
    )
    .option('--yes', 'do it; without it, only say whether it could be done')
    .action(async (key: string, options: unknown, command: Command) => {
      const { releaseOne } = await import('./quarantine/release-and-discard.ts');
      await releaseOne(key, options, command);
    });

  withReason(forOne(noun.command('discard')))
    .description('deletes one for good, with its evidence; an Object Lock is respected')
    .option('--yes', 'do it; without it, only show what would be lost')
    .action(async (key: string, options: unknown, command: Command) => {
      const { discardOne } = await import('./quarantine/release-and-discard.ts');
      await discardOne(key, options, command);
    });
}

/** It becomes part of the metadata entry `name@server`. */
function partnerName(text: string): string {
  if (/^\w[\w@.-]{2,99}$/.test(text)) return text;
  throw new InvalidArgumentError('It must be the name of a partner.');
}

/** A command about one file. */
function forOne(command: Command): Command {
  return command
    .argument('<key>')
    .option(
      '--version <id>',
      'which one, or the beginning of it, where the key is there several times',
    );
}
