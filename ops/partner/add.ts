import type { Command } from 'commander';
import * as v from 'valibot';
import { hashPassword } from '../../shared/identity/partner/password.ts';
import { fingerprintOf } from '../../shared/identity/partner/public-key.ts';
import { describeError } from '../../shared/platform/errors.ts';
import { openContext } from '../context.ts';
import { EXIT, OpsError } from '../ops-error.ts';
import { Documents } from './documents.ts';
import { applyOptions, FieldOptions } from './options.ts';
import { generatePassword, readPassword, readPublicKey, readText } from './secrets.ts';
import { loginSettings } from './settings.ts';
import { validate } from './validate.ts';

const Options = v.object({
  ...FieldOptions.entries,
  key: v.optional(v.array(v.string()), []),
  passwordStdin: v.optional(v.boolean(), false),
  generatePassword: v.optional(v.boolean(), false),
  document: v.optional(v.string()),
});
type Options = v.InferOutput<typeof Options>;

/** `partner add`. Nothing is written unless the whole document is valid. */
export async function addPartner(name: string, raw: unknown, command: Command): Promise<void> {
  const options = v.parse(Options, raw);
  requireOneStdinReader(options);
  const { target, out } = await openContext(command);
  using documents = new Documents(target);
  const settings = await loginSettings(target);

  const given = options.document === undefined ? {} : await readDocument(options.document);
  const keys = await Promise.all(options.key.map(readPublicKey));
  const { password, isGenerated } = await choosePassword(options, given, keys.length);
  const document = {
    ...defaultsFor(name),
    ...given,
    name,
    ...(keys.length > 0 && { publicKeys: keys.map(({ key, comment }) => ({ key, comment })) }),
    ...(password !== undefined && { password: await hashPassword(password) }),
  };
  const all = await documents.list();
  const { partner, warnings } = validate(applyOptions(document, options), all, settings);
  await documents.create(partner);

  for (const warning of warnings) out.note(warning);
  const { landingPrefix, publicKeys } = partner;
  const generated = isGenerated && password !== undefined ? { password } : {};
  const fingerprints = publicKeys.map(({ key }) => fingerprintOf(key));
  out.show({ name, landingPrefix, fingerprints, ...generated }, () =>
    [
      `${name} may log in to ${documents.place} within 15 seconds`,
      `files land in ${landingPrefix || '(the whole landing tree)'}`,
      ...fingerprints.map((fingerprint) => `key       ${fingerprint}`),
      ...(isGenerated
        ? [`password  ${password}`, 'The password is shown only once; just its hash is stored.']
        : []),
    ].join('\n'),
  );
}

function defaultsFor(name: string): object {
  return {
    version: 1,
    name,
    displayName: name,
    enabled: true,
    publicKeys: [],
    allowedNetworks: ['0.0.0.0/0', '::/0'],
    protocols: ['SFTP', 'SCP'],
    space: 'tenant',
    landingPrefix: `${name}/`,
  };
}

/** Standard input can be read only once. */
function requireOneStdinReader({
  key,
  passwordStdin,
  document,
  generatePassword: generates,
}: Options): void {
  const readers = [...key, document].filter((file) => file === '-').length + Number(passwordStdin);
  if (readers > 1) {
    throw new OpsError('standard input was given for more than one option', {
      how: 'use files for all but one',
      exitCode: EXIT.usage,
    });
  }
  if (passwordStdin && generates) {
    throw new OpsError('--password-stdin and --generate-password were both given', {
      how: 'give one of them',
      exitCode: EXIT.usage,
    });
  }
}

/** A partner without a key or password gets a generated password. */
async function choosePassword(
  { passwordStdin, generatePassword: generates }: Options,
  given: Readonly<Record<string, unknown>>,
  keyCount: number,
): Promise<{ readonly password?: string; readonly isGenerated: boolean }> {
  if (passwordStdin) return { password: await readPassword(), isGenerated: false };
  const { password, publicKeys } = given;
  const hasKeys = keyCount > 0 || (Array.isArray(publicKeys) && publicKeys.length > 0);
  const canLogIn = hasKeys || password !== undefined;
  if (canLogIn && !generates) return { isGenerated: false };
  return { password: generatePassword(), isGenerated: true };
}

async function readDocument(file: string): Promise<Record<string, unknown>> {
  try {
    return v.parse(v.record(v.string(), v.unknown()), JSON.parse(await readText(file)));
  } catch (cause) {
    if (cause instanceof OpsError) throw cause;
    const why = describeError(cause);
    throw new OpsError('the document is not a JSON object', { why }, { cause });
  }
}
