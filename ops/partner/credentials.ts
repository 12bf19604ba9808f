import type { Command } from 'commander';
import * as v from 'valibot';
import type { Partner } from '../../shared/identity/partner/partner.ts';
import { hashPassword } from '../../shared/identity/partner/password.ts';
import { fingerprintOf } from '../../shared/identity/partner/public-key.ts';
import { EXIT, OpsError } from '../ops-error.ts';
import { rewrite } from './rewrite.ts';
import { reasonOf } from './options.ts';
import { generatePassword, readPassword, readPublicKeys } from './secrets.ts';

const PasswordOptions = v.object({
  passwordStdin: v.optional(v.boolean(), false),
  none: v.optional(v.boolean(), false),
});

export async function setPassword(name: string, raw: unknown, command: Command): Promise<void> {
  const { passwordStdin, none } = v.parse(PasswordOptions, raw);
  if (passwordStdin && none) {
    throw new OpsError('--password-stdin and --none were both given', {
      how: 'give one of them',
      exitCode: EXIT.usage,
    });
  }
  const reason = reasonOf(raw);
  if (none) {
    await rewrite(name, command, {
      command: 'partner set-password',
      reason,
      parameters: { none },
      alter: withoutPassword,
      message: `${name} has no password`,
      checksAll: false,
    });
    return;
  }
  const chosen = passwordStdin ? await readPassword() : generatePassword();
  const password = await hashPassword(chosen);
  await rewrite(name, command, {
    command: 'partner set-password',
    reason,
    alter: (partner) => ({ ...partner, password }),
    message: passwordStdin
      ? `${name} has a new password`
      : `password  ${chosen}\nIt is shown only once; just its hash is stored.`,
    json: passwordStdin ? {} : { password: chosen },
    checksAll: false,
  });
}

const KeyOptions = v.object({
  comment: v.optional(v.string()),
  expires: v.optional(v.string()),
});

/** A key that the partner already has gets the new comment and expiry. */
export async function addKeys(
  name: string,
  file: string,
  raw: unknown,
  command: Command,
): Promise<void> {
  const options = v.parse(KeyOptions, raw);
  const expiresAt = options.expires === undefined ? {} : { expiresAt: future(options.expires) };
  const keys = await readPublicKeys(file);
  if (options.comment !== undefined && keys.length > 1) {
    throw new OpsError(`--comment was given for ${keys.length} keys`, {
      how: 'leave it out, to keep the comments in the file; or give the keys one by one',
      exitCode: EXIT.usage,
    });
  }
  const added = keys.map(({ key, comment }) => ({
    key,
    comment: options.comment ?? comment,
    ...expiresAt,
  }));
  const fingerprints = keys.map(({ fingerprint }) => fingerprint);
  await rewrite(name, command, {
    command: 'partner add-key',
    reason: reasonOf(raw),
    parameters: { fingerprints, ...options },
    alter: (partner) => ({
      ...partner,
      publicKeys: [
        ...partner.publicKeys.filter((other) => added.every(({ key }) => key !== other.key)),
        ...added,
      ],
    }),
    message: fingerprints.map((each) => `${name} may log in with ${each}`).join('\n'),
    json: { fingerprints },
    checksAll: false,
  });
}

export async function removeKey(
  name: string,
  wanted: string,
  raw: unknown,
  command: Command,
): Promise<void> {
  await rewrite(name, command, {
    command: 'partner remove-key',
    reason: reasonOf(raw),
    parameters: { key: wanted },
    alter: (partner) => withoutKey(partner, wanted),
    message: `${name} may no longer log in with ${wanted}`,
    checksAll: false,
  });
}

function withoutPassword(partner: Partner): object {
  const { password: _, ...others } = partner;
  return others;
}

/** @param wanted a fingerprint, or a comment that only one key has */
function withoutKey(partner: Partner, wanted: string): object {
  const { name, publicKeys } = partner;
  const found = publicKeys.filter(
    ({ key, comment }) => fingerprintOf(key) === wanted || comment === wanted,
  );
  if (found.length === 1) {
    return { ...partner, publicKeys: publicKeys.filter((key) => key !== found[0]) };
  }
  throw new OpsError(
    found.length === 0
      ? `"${name}" has no key "${wanted}"`
      : `"${name}" has ${found.length} keys with the comment "${wanted}"`,
    { how: `give the fingerprint from \`partner show ${name}\`` },
  );
}

/** A day means its start, in UTC. @throws OpsError for a time that is none, or past */
function future(text: string): string {
  const usage = { exitCode: EXIT.usage, how: 'write it as 2027-01-31 or 2027-01-31T12:00:00Z' };
  const at = /^\d{4}-\d\d-\d\d(T[\d:.]+Z)?$/.test(text) ? Date.parse(text) : Number.NaN;
  // Date.parse takes February 30 for March 2.
  if (!Number.isFinite(at) || !new Date(at).toISOString().startsWith(text.slice(0, 10))) {
    throw new OpsError(`--expires "${text}" is not a time`, usage);
  }
  if (at > Date.now()) return new Date(at).toISOString();
  throw new OpsError(`--expires ${text} is past`, {
    ...usage,
    why: 'the key could never be used; a day begins at midnight, UTC',
  });
}
