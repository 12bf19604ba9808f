import { type Command, Option } from 'commander';
import * as v from 'valibot';
import { causeOf } from '../shared/dead-letters/causes.ts';
import { describeError } from '../shared/platform/errors.ts';
import { openContext } from './context.ts';
import {
  DEAD_LETTER_QUEUES,
  type LeasedMessage,
  leaseQueues,
} from './dead-letters/leased-messages.ts';
import { formatDeadLetter, formatList, safe } from './dead-letters/format.ts';
import { requireOneSelector, select, selectOne } from './dead-letters/select.ts';
import { EXIT, OpsError } from './ops-error.ts';
import type { Output } from './output.ts';

const SelectOptions = v.object({
  id: v.optional(v.array(v.string())),
  code: v.optional(v.string()),
  all: v.optional(v.literal(true)),
  dryRun: v.optional(v.boolean(), false),
});
type SelectOptions = v.InferOutput<typeof SelectOptions>;
const ListOptions = v.object({ queue: v.optional(v.picklist(DEAD_LETTER_QUEUES)) });

/** `dead-letters`: messages that could not be processed. */
export function register(program: Command): void {
  const noun = program
    .command('dead-letters')
    .description('messages that could not be processed: why, and what to do')
    .addHelpText(
      'after',
      `
SQS cannot read without receiving: each command hides the dead letters from others while it runs,
and counts as a receive. Dead letters that another reader has leased are not shown.`,
    );

  noun
    .command('list')
    .description('all dead letters, by cause')
    .addOption(new Option('--queue <queue>', 'only those of one queue').choices(DEAD_LETTER_QUEUES))
    .action(async (options: unknown, command: Command) =>
      list(command, v.parse(ListOptions, options)),
    );

  noun
    .command('show')
    .argument('<id>')
    .description('one dead letter, with its body')
    .action(async (id: string, _options: unknown, command: Command) => show(command, id));

  noun
    .command('redrive')
    .description(
      'sends dead letters to the ingest queue again: each file is processed as if it had just ' +
        'arrived, even if it was refused before',
    )
    .option('--id <id...>', 'these dead letters')
    .option('--code <code>', 'all dead letters with this cause')
    .option('--all', 'all dead letters')
    .option('--dry-run', 'only show what would be done')
    .action(async (options: unknown, command: Command) =>
      redrive(command, v.parse(SelectOptions, options)),
    );

  noun
    .command('remove')
    .description('deletes dead letters for good; the files they name are not touched')
    .requiredOption('--id <id...>', 'these dead letters')
    .option('--dry-run', 'only show what would be done')
    .action(async (options: unknown, command: Command) =>
      remove(command, v.parse(SelectOptions, options)),
    );
}

async function list(command: Command, { queue }: v.InferOutput<typeof ListOptions>): Promise<void> {
  const { target, out } = await openContext(command);
  await using leased = await leaseQueues(
    target,
    queue === undefined ? DEAD_LETTER_QUEUES : [queue],
  );
  const deadLetters = leased.messages.map(({ deadLetter }) => deadLetter);
  out.show(deadLetters, () => formatList(deadLetters));
  noteMissing(leased.missingCount, out);
}

async function show(command: Command, id: string): Promise<void> {
  const { target, out } = await openContext(command);
  await using leased = await leaseQueues(target, DEAD_LETTER_QUEUES);
  const { deadLetter } = selectOne(leased.messages, id);
  out.show(deadLetter, () => formatDeadLetter(deadLetter));
}

async function redrive(command: Command, options: SelectOptions): Promise<void> {
  requireOneSelector(options);
  const { target, out } = await openContext(command);
  // Not the subscription queue: its messages are notices, which the ingest cannot process.
  await using leased = await leaseQueues(target, ['ingest', 'undelivered']);
  const selected = select(leased.messages, options);
  if (!options.dryRun) {
    // In this order: a crash between the two leaves a second copy, which ends as a duplicate.
    await each(selected, async (message) => {
      await message.send();
      await message.remove();
    });
  }
  report(selected, out, options.dryRun ? 'would be redriven' : 'redriven to the ingest queue');
  noteMissing(leased.missingCount, out);
  const unfixed = new Set(
    selected.map(({ deadLetter }) => deadLetter.code).filter((code) => causeOf(code).needsFix),
  );
  for (const code of unfixed) {
    out.note(`${code}: will fail again unless its cause is fixed first. ${causeOf(code).advice}`);
  }
}

async function remove(command: Command, options: SelectOptions): Promise<void> {
  const { target, out } = await openContext(command);
  await using leased = await leaseQueues(target, DEAD_LETTER_QUEUES);
  const selected = select(leased.messages, options);
  if (!options.dryRun) await each(selected, (message) => message.remove());
  report(selected, out, options.dryRun ? 'would be removed' : 'removed');
}

/** @throws OpsError that says how many were done */
async function each(
  selected: readonly LeasedMessage[],
  act: (message: LeasedMessage) => Promise<void>,
): Promise<void> {
  for (const [doneCount, message] of selected.entries()) {
    try {
      await act(message);
    } catch (cause) {
      throw new OpsError(
        `stopped after ${doneCount} of ${selected.length} dead letters`,
        {
          why: describeError(cause),
          how: 'the others are unchanged; run the command again',
          exitCode: EXIT.failed,
        },
        { cause },
      );
    }
  }
}

/** The JSON includes the bodies, so that a dead letter removed by mistake can be sent again. */
function report(selected: readonly LeasedMessage[], out: Output, done: string): void {
  const deadLetters = selected.map(({ deadLetter }) => deadLetter);
  out.show(deadLetters, () =>
    deadLetters.length === 0
      ? 'No dead letter matches: nothing to do.'
      : [
          ...deadLetters.map(({ messageId, code, key }) =>
            safe(`${messageId}  ${code}  ${key ?? '-'}`),
          ),
          `${deadLetters.length} ${deadLetters.length === 1 ? 'dead letter' : 'dead letters'} ${done}.`,
        ].join('\n'),
  );
}

function noteMissing(missingCount: number, out: Output): void {
  if (missingCount === 0) return;
  out.note(
    `${missingCount} more could not be read: another reader has leased them. Try again in a minute.`,
  );
}
