import type { Command } from 'commander';
import * as v from 'valibot';
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
      ? await openLocal(home ?? process.env['AIRLOCK_HOME'] ?? '.airlock')
      : // Loaded on demand: AWS clients are slow to import.
        await (await import('./stack-target.ts')).openStack(stack);
  return { target, out };
}
