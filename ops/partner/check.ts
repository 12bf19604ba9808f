import type { Command } from 'commander';
import * as v from 'valibot';
import { openContext } from '../context.ts';
import { EXIT } from '../ops-error.ts';
import { Documents } from './documents.ts';
import { explain } from './explain.ts';
import { loginSettings, temporarySuffixes } from './settings.ts';
import { requireValid, validate } from './validate.ts';
import { formatSteps } from './format.ts';

const Options = v.object({
  put: v.optional(v.string()),
  size: v.optional(v.number(), 1),
  from: v.optional(v.string()),
  protocol: v.string(),
});

/** `partner check`, with the decisions that the identity provider and the ingest use. */
export async function checkPartner(name: string, raw: unknown, command: Command): Promise<void> {
  const { put, size, from, protocol } = v.parse(Options, raw);
  const { target, out } = await openContext(command);
  using documents = new Documents(target);
  const settings = await loginSettings(target);
  const stored = requireValid(await documents.get(name));
  const { partner, warnings } = validate(stored, await documents.list(), settings);
  const steps = explain(
    partner,
    { put, sizeBytes: size, from, protocol },
    { settings, temporarySuffixes: await temporarySuffixes(target), now: Date.now() },
  );
  for (const warning of warnings) out.note(warning);
  const canLogIn = steps.some(({ step, ok }) => step.startsWith('login') && ok);
  const isOk = canLogIn && steps.every(({ step, ok }) => ok || step.startsWith('login'));
  out.show({ name, ok: isOk, steps }, () => formatSteps(steps));
  if (!isOk) process.exitCode = EXIT.no;
}
