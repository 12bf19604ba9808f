import { Command, CommanderError } from 'commander';
import { describeError } from '../shared/platform/errors.ts';
import { EXIT, OpsError } from './ops-error.ts';

/** Loaded only when it is spoken of: most bring a client of AWS's, which takes its time. */
const NOUNS: Readonly<Record<string, () => Promise<{ register(program: Command): void }>>> = {
  partner: () => import('./partner.ts'),
  'dead-letters': () => import('./dead-letters.ts'),
  endpoints: () => import('./endpoints.ts'),
  cost: () => import('./cost.ts'),
  inbox: () => import('./inbox.ts'),
  quarantine: () => import('./quarantine.ts'),
  signatures: () => import('./signatures.ts'),
};

const program = new Command('ops')
  .description('Airlock for operators: npm run ops -- <noun> <verb>')
  .option(
    '--home <directory>',
    'the Airlock on this machine with this state directory (default: $AIRLOCK_HOME, else .airlock)',
  )
  .option(
    '--stack <name>',
    'the Airlock on AWS deployed as this stack; region and credentials come from the environment',
  )
  .option('--json', 'print JSON, for pipes')
  .addHelpText(
    'after',
    `
Exit codes:
  ${EXIT.done}  done
  ${EXIT.failed}  something went wrong on the way; nothing says that a second try fails, too
  ${EXIT.usage}  the command was not understood
  ${EXIT.no}  the answer is no: not found, not valid, not allowed, or changed by somebody else meanwhile`,
  )
  .exitOverride();

const all = Object.entries(NOUNS);
const spokenOf = all.filter(([noun]) => process.argv.includes(noun));
for (const [, load] of spokenOf.length > 0 ? spokenOf : all) {
  const noun = await load();
  noun.register(program);
}

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = explain(error);
}

/** Says what went wrong where people see it. @returns the exit code */
function explain(error: unknown): number {
  // Commander has printed its own errors, and the help that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  if (error instanceof OpsError) {
    console.error(error.words());
    return error.exitCode;
  }
  console.error(`ops: ${describeError(error)}`);
  return EXIT.failed;
}
