import type { Command } from 'commander';
import * as v from 'valibot';
import { stateDirectory } from '../shared/platform/state-directory.ts';
import { EXIT, OpsError } from './ops-error.ts';
import { createOutput, type Output } from './output.ts';
import { openLocal, type Target } from './target.ts';

/** What every command about an installation needs. */
export type Context = { readonly target: Target; readonly out: Output };

const Globals = v.object({
  home: v.optional(v.string()),
  stack: v.optional(v.string()),
  json: v.optional(v.boolean(), false),
});

/**
 * Finds the installation that a command's global options name.
 *
 * @throws OpsError when there is none
 */
export async function openContext(command: Command): Promise<Context> {
  const { home, stack, json } = v.parse(Globals, command.optsWithGlobals());
  if (home !== undefined && stack !== undefined) {
    throw new OpsError('--home and --stack were both given', {
      how: 'give --home for an Airlock on this machine, or --stack for one on AWS',
      exitCode: EXIT.usage,
    });
  }
  const out = createOutput(json);
  const target =
    stack === undefined
      ? await openLocal(homeOf(home))
      : // Loaded on demand: AWS clients are slow to import.
        await (await import('./stack-target.ts')).openStack(stack);
  return { target, out };
}

/** @throws OpsError for an empty name */
function homeOf(option: string | undefined): string {
  const home = stateDirectory(option ?? process.env['AIRLOCK_HOME']);
  if (home !== undefined) return home;
  throw new OpsError(`${option === undefined ? 'AIRLOCK_HOME' : '--home'} is empty`, {
    how: 'name the state directory, or leave it out for .airlock',
    exitCode: EXIT.usage,
  });
}
