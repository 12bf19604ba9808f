import { type Command, Option } from 'commander';
import * as v from 'valibot';
import { causeOf } from '../shared/dead-letters/causes.ts';
import { describeError } from '../shared/platform/errors.ts';
import { openContext } from './context.ts';
import { checkChoice, choose, one } from './dead-letters/choose.ts';
import { type HeldLetter, holdQueues, LETTER_QUEUES } from './dead-letters/leased-messages.ts';
import { letterWords, listWords, safe } from './dead-letters/format.ts';
import { EXIT, OpsError } from './failure.ts';
import type { Output } from './output.ts';

const Chosen = v.object({
  id: v.optional(v.array(v.string())),
  code: v.optional(v.string()),
  all: v.optional(v.literal(true)),
  dryRun: v.optional(v.boolean(), false),
});
const Listed = v.object({ queue: v.optional(v.picklist(LETTER_QUEUES)) });

/** `dead-letters`: messages that wait for a person. */
export function register(program: Command): void {
  const noun = program
    .command('dead-letters')
    .description('messages that wait for a person: why, and what to do')
    .addHelpText(
      'after',
      `
Looking takes letters in hand for a moment, since SQS has no other way: meanwhile they are hidden from
others, and each look counts as a receive. Letters that somebody else looks at are not shown.`,
    );

  noun
    .command('list')
    .description('all letters, by cause')
    .addOption(new Option('--queue <queue>', 'only those of one queue').choices(LETTER_QUEUES))
    .action(async (options: unknown, command: Command) => list(command, v.parse(Listed, options)));

  noun
    .command('show')
    .argument('<id>')
    .description('all that one letter says')
    .action(async (id: string, _options: unknown, command: Command) => show(command, id));

  noun
    .command('redrive')
    .description(
      'puts letters back into the ingest queue: each file is looked at as if it had just arrived, ' +
        'whether or not it was refused before',
    )
    .option('--id <id...>', 'these letters')
    .option('--code <code>', 'all letters with this cause')
    .option('--all', 'all letters')
    .option('--dry-run', 'only say what would be done')
    .action(async (options: unknown, command: Command) =>
      redrive(command, v.parse(Chosen, options)),
    );

  noun
    .command('remove')
    .description('gives letters up for good; the files they name stay where they are')
    .requiredOption('--id <id...>', 'these letters')
    .option('--dry-run', 'only say what would be done')
    .action(async (options: unknown, command: Command) =>
      remove(command, v.parse(Chosen, options)),
    );
}

async function list(command: Command, { queue }: v.InferOutput<typeof Listed>): Promise<void> {
  const { target, out } = await openContext(command);
  await using held = await holdQueues(target, queue === undefined ? LETTER_QUEUES : [queue]);
  const letters = held.letters.map(({ letter }) => letter);
  out.show(letters, () => listWords(letters));
  tellMissing(held.missingCount, out);
}

async function show(command: Command, id: string): Promise<void> {
  const { target, out } = await openContext(command);
  await using held = await holdQueues(target, LETTER_QUEUES);
  const { letter } = one(held.letters, id);
  out.show(letter, () => letterWords(letter));
}

async function redrive(command: Command, options: v.InferOutput<typeof Chosen>): Promise<void> {
  checkChoice(options);
  const { target, out } = await openContext(command);
  // What SNS could not deliver is a notice, which means nothing to the ingest.
  await using held = await holdQueues(target, ['ingest', 'undelivered']);
  const chosen = choose(held.letters, options);
  if (!options.dryRun) {
    // In this order: a crash between the two leaves a second copy, which ends as a duplicate.
    await each(chosen, async (letter) => {
      await letter.send();
      await letter.remove();
    });
  }
  tell(chosen, out, options.dryRun ? 'would be put back' : 'put back into the ingest queue');
  tellMissing(held.missingCount, out);
  const inVain = new Set(
    chosen.map(({ letter }) => letter.code).filter((code) => causeOf(code).mendFirst),
  );
  for (const code of inVain) {
    out.note(`${code}: comes back unless its cause is mended first. ${causeOf(code).advice}`);
  }
}

async function remove(command: Command, options: v.InferOutput<typeof Chosen>): Promise<void> {
  const { target, out } = await openContext(command);
  await using held = await holdQueues(target, LETTER_QUEUES);
  const chosen = choose(held.letters, options);
  if (!options.dryRun) await each(chosen, (letter) => letter.remove());
  tell(chosen, out, options.dryRun ? 'would be removed' : 'removed');
}

/** @throws OpsError that says how far it came */
async function each(
  chosen: readonly HeldLetter[],
  act: (letter: HeldLetter) => Promise<void>,
): Promise<void> {
  for (const [doneCount, held] of chosen.entries()) {
    try {
      await act(held);
    } catch (cause) {
      throw new OpsError(
        `stopped after ${doneCount} of ${chosen.length} letters`,
        {
          why: describeError(cause),
          how: 'the others are still where they were; give the command again',
          exitCode: EXIT.failed,
        },
        { cause },
      );
    }
  }
}

/** As JSON the letters are whole, so that what was removed by mistake can be sent again. */
function tell(chosen: readonly HeldLetter[], out: Output, done: string): void {
  const letters = chosen.map(({ letter }) => letter);
  out.show(letters, () =>
    letters.length === 0
      ? 'There is no such letter: nothing to do.'
      : [
          ...letters.map(({ messageId, code, key }) =>
            safe(`${messageId}  ${code}  ${key ?? '-'}`),
          ),
          `${letters.length} ${letters.length === 1 ? 'letter' : 'letters'} ${done}.`,
        ].join('\n'),
  );
}

function tellMissing(missingCount: number, out: Output): void {
  if (missingCount === 0) return;
  out.note(
    `${missingCount} more could not be looked at: somebody else has them in hand. Try again in a minute.`,
  );
}
