import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { showInvisibleInLines, visibleJson } from '../shared/platform/control-characters.ts';
import { describeError } from '../shared/platform/errors.ts';
import { interruptionOr } from './interruption.ts';
import { NOUNS } from './nouns.ts';
import { type ErrorReport, EXIT, formatReport, OpsError, reportOf } from './ops-error.ts';

const words = process.argv.slice(2);

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
  .option('--json', 'print JSON, for pipes; errors too, on standard error')
  .addHelpText(
    'after',
    `
ops --version prints the version of Airlock.

Exit codes:
  ${EXIT.done}  done
  ${EXIT.failed}  an error occurred; a retry may succeed
  ${EXIT.usage}  invalid command or options
  ${EXIT.no}  no: not found, not valid, not allowed, refused again, or changed concurrently
  ${EXIT.unfinished}  not all of it: some is in hand elsewhere, or has not ended yet; try again
Interrupted, it is 128 and the number of the signal: 130 for Ctrl-C.`,
  )
  .exitOverride()
  // Reported below, as JSON where that is wanted.
  .configureOutput({ outputError: () => {} });

// A closed pipe, as of `head`, is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

const isWanted = (noun: string): boolean => words.includes(noun) || words.includes('completion');
for (const [name, { about, load }] of Object.entries(NOUNS)) {
  const noun = program.command(name).description(about);
  if (isWanted(name)) (await load()).register(noun);
}

try {
  // No option of the program: commands have a --version of their own, that of a file.
  if (words[0] === '--version') console.log(versionOfAirlock());
  else await program.parseAsync();
} catch (error) {
  process.exitCode = reportError(interruptionOr(error));
}

/** Prints an error to standard error. @returns the exit code */
function reportError(error: unknown): number {
  const report = describe(error);
  if (report === undefined) return EXIT.done;
  const text = words.includes('--json')
    ? visibleJson({ error: report }, 2)
    : showInvisibleInLines(formatReport(report));
  console.error(text);
  return report.exitCode;
}

/** `undefined` for what is none: the help, or the version, was printed. */
function describe(error: unknown): ErrorReport | undefined {
  if (error instanceof OpsError) return reportOf(error.message, error.exitCode, error.explanation);
  if (!(error instanceof CommanderError)) return reportOf(describeError(error), EXIT.failed, {});
  if (error.exitCode === 0) return undefined;
  const how = `see: ops ${[...namesAsked(), '--help'].join(' ')}`;
  // The help was printed, since a verb is missing.
  if (error.code === 'commander.help') return reportOf('a command is missing', EXIT.usage, { how });
  return reportOf(error.message.replace(/^error: /, ''), EXIT.usage, { how });
}

/** The noun and the verb that were given, as far as they exist. */
function namesAsked(): readonly string[] {
  const noun = program.commands.find((it) => words.includes(it.name()));
  const verb = noun?.commands.find((it) => words.includes(it.name()));
  return [noun, verb].flatMap((it) => it?.name() ?? []);
}

function versionOfAirlock(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return /"version": "([^"]+)"/.exec(text)?.[1] ?? 'unknown';
}
