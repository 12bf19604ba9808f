import { Command, CommanderError } from 'commander';
import { describeError } from '../shared/platform/errors.ts';
import { EXIT, OpsError } from './ops-error.ts';

/** Loaded on demand: most import an AWS client, which is slow. */
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
  ${EXIT.failed}  an error occurred; a retry may succeed
  ${EXIT.usage}  invalid command or options
  ${EXIT.no}  no: not found, not valid, not allowed, or changed concurrently`,
  )
  .exitOverride();

const all = Object.entries(NOUNS);
const mentioned = all.filter(([noun]) => process.argv.includes(noun));
for (const [, load] of mentioned.length > 0 ? mentioned : all) {
  const noun = await load();
  noun.register(program);
}

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = reportError(error);
}

/** Prints an error to standard error. @returns the exit code */
function reportError(error: unknown): number {
  // Commander has already printed its own errors, and help texts.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  if (error instanceof OpsError) {
    console.error(error.format());
    return error.exitCode;
  }
  console.error(`ops: ${describeError(error)}`);
  return EXIT.failed;
}
