import type { Command } from 'commander';
import * as v from 'valibot';
import { isIP } from 'node:net';
import { openContext } from '../context.ts';
import { EXIT, OpsError } from '../ops-error.ts';
import { Documents } from './documents.ts';
import { explain } from './explain.ts';
import { loginSettings, temporarySuffixes } from './settings.ts';
import { requireValid, validate } from './validate.ts';
import { formatSteps } from './format.ts';

const Options = v.object({
  put: v.optional(v.string()),
  size: v.optional(v.number()),
  from: v.optional(v.string()),
  protocol: v.string(),
});

/** `partner check`, with the decisions that the identity provider and the ingest use. */
export async function checkPartner(name: string, raw: unknown, command: Command): Promise<void> {
  const { put, size = 1, from, protocol } = v.parse(Options, raw);
  requireSensibleQuestion(raw);
  const { target, out } = await openContext(command);
  using documents = new Documents(target);
  const settings = await loginSettings(target);
  const stored = requireValid(await documents.get(name));
  const { partner, warnings } = validate(stored, await documents.list(), settings, name);
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

/** @throws OpsError for options that ask nothing */
function requireSensibleQuestion(raw: unknown): void {
  const { put, size, from } = v.parse(Options, raw);
  if (from !== undefined && isIP(from) === 0) {
    const how = 'give one IPv4 or IPv6 address, as 192.0.2.7';
    throw new OpsError(`--from "${from}" is not an address`, { how, exitCode: EXIT.usage });
  }
  if (put === '') {
    const how = 'give the path of the upload, as /in/report.csv';
    throw new OpsError('--put is empty', { how, exitCode: EXIT.usage });
  }
  if (size !== undefined && put === undefined) {
    const how = 'give --put PATH, too';
    throw new OpsError('--size was given without --put', { how, exitCode: EXIT.usage });
  }
}
