import { type Command, InvalidArgumentError } from 'commander';
import { LEASE_S } from '../shared/dead-letters/dead-letters.ts';
import { withSelection } from './dead-letters/selection.ts';
import { withReason } from './reason.ts';

/** `dead-letters`: messages that could not be processed. */
export function register(noun: Command): void {
  noun.addHelpText(
    'after',
    `
SQS cannot read without receiving: a command has the dead letters in hand while it works, hidden from
others, and gives them back when it ends; each counts as a receive. If it is killed, they are back within
${LEASE_S} seconds. What others have in hand is counted, and makes the exit code 4.`,
  );

  withSelection(noun.command('list'))
    .description('dead letters by cause, with what to do; all unless some are chosen')
    .action(async (options: unknown, command: Command) => {
      const { list } = await import('./dead-letters/list-and-show.ts');
      await list(options, command);
    });

  noun
    .command('show')
    .argument('<id>', 'or the beginning of it')
    .description('one dead letter, with its body')
    .action(async (id: string, _options: unknown, command: Command) => {
      const { show } = await import('./dead-letters/list-and-show.ts');
      await show(id, command);
    });

  withReason(withSelection(noun.command('redrive')))
    .description(
      'sends dead letters to the ingest queue again, and waits for their endings: each file is ' +
        'processed as if it had just arrived, even if it was refused before',
    )
    .option('--all', 'all dead letters')
    .option('--wait <seconds>', 'how long to wait for the endings', parseSeconds, 60)
    .option('--no-wait', 'do not wait for the endings')
    .option(
      '--even-so',
      'also what a policy refused that does not exist any more, since the partner was removed; needs --reason',
    )
    .option('--dry-run', 'only show what would be done')
    .action(async (options: unknown, command: Command) => {
      const { redrive } = await import('./dead-letters/redrive.ts');
      await redrive(options, command);
    });

  withReason(withSelection(noun.command('remove')))
    .description(
      'deletes dead letters for good, and says which; the files they name stay in the inbox, marked ' +
        'as refused',
    )
    .option('--all', 'all dead letters')
    .option('--dry-run', 'only show what would be done')
    .action(async (options: unknown, command: Command) => {
      const { remove } = await import('./dead-letters/remove.ts');
      await remove(options, command);
    });
}

function parseSeconds(text: string): number {
  if (/^[1-9]\d{0,4}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number of seconds, at least 1.');
}
