import type { Command } from 'commander';
import * as v from 'valibot';
import { hashPassword } from '../../shared/identity/partner/password.ts';
import { fingerprintOf, type PublicKey } from '../../shared/identity/partner/public-key.ts';
import { openContext } from '../context.ts';
import { EXIT, OpsError } from '../ops-error.ts';
import { act } from '../act.ts';
import { defaultsFor } from './defaults.ts';
import { readDocument, STORED_PASSWORD } from './document-text.ts';
import { Documents, type StoredDocument } from './documents.ts';
import { othersLike } from './names.ts';
import { applyOptions, FieldOptions, reasonOf } from './options.ts';
import { generatePassword, readPassword, readPublicKeys, readText } from './secrets.ts';
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
  const reason = reasonOf(raw);
  requireOneStdinReader(options);
  const { target, out } = await openContext(command);
  using documents = new Documents(target);
  const settings = await loginSettings(target);

  const text = options.document === undefined ? undefined : await readText(options.document);
  const given = text === undefined ? {} : readDocument(text);
  const keys = (await Promise.all(options.key.map(readPublicKeys))).flat();
  const all = await documents.list();
  requireNewName(name, all);
  const { password, isGenerated } = await choosePassword(options, given, keys.length);
  const document = {
    ...defaultsFor(name),
    ...given,
    name,
    ...(keys.length > 0 && { publicKeys: withoutRepeats(keys) }),
    ...(password !== undefined && { password: await hashPassword(password) }),
  };
  const { partner, warnings } = validate(applyOptions(document, options), all, settings, name);
  await act(
    { target, out },
    { command: 'partner add', reason, parameters: { partner: name } },
    async (note) => {
      await documents.create(partner);
      note({ kind: 'partner', partner: name });
    },
  );

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

/** Existing pairs go on; `list` and `check` warn of them. */
function requireNewName(name: string, all: readonly StoredDocument[]): void {
  const [other] = othersLike(
    name,
    all.map((stored) => stored.name),
  );
  if (other === undefined) return;
  throw new OpsError(`"${name}" differs from the partner "${other}" in case only`, {
    why: 'people would take one for the other, and give one the password or the files of the other',
    how: 'choose another name',
  });
}

function withoutRepeats(keys: readonly PublicKey[]): object[] {
  const byKey = new Map(keys.map(({ key, comment }) => [key, { key, comment }]));
  return [...byKey.values()];
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
  // A document shown elsewhere says that there was a password; its hash is not in it.
  const isHashMissing = password === STORED_PASSWORD;
  const canLogIn = !isHashMissing && (hasKeys || password !== undefined);
  if (canLogIn && !generates) return { isGenerated: false };
  return { password: generatePassword(), isGenerated: true };
}
