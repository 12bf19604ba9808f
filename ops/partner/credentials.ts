import type { Command } from 'commander';
import * as v from 'valibot';
import type { Partner } from '../../shared/identity/partner/partner.ts';
import { hashPassword } from '../../shared/identity/partner/password.ts';
import { fingerprintOf } from '../../shared/identity/partner/public-key.ts';
import { EXIT, OpsError } from '../ops-error.ts';
import { rewrite } from './rewrite.ts';
import { generatePassword, readPassword, readPublicKey } from './secrets.ts';

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
  if (none) {
    const message = `${name} has no password`;
    await rewrite(name, command, { alter: withoutPassword, message, checksAll: false });
    return;
  }
  const chosen = passwordStdin ? await readPassword() : generatePassword();
  const password = await hashPassword(chosen);
  await rewrite(name, command, {
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
export async function addKey(
  name: string,
  file: string,
  raw: unknown,
  command: Command,
): Promise<void> {
  const options = v.parse(KeyOptions, raw);
  const expiresAt = options.expires === undefined ? {} : { expiresAt: instant(options.expires) };
  const { key, comment, fingerprint } = await readPublicKey(file);
  const added = { key, comment: options.comment ?? comment, ...expiresAt };
  await rewrite(name, command, {
    alter: (partner) => ({
      ...partner,
      publicKeys: [...partner.publicKeys.filter((other) => other.key !== key), added],
    }),
    message: `${name} may log in with ${fingerprint}`,
    json: { fingerprint },
    checksAll: false,
  });
}

export async function removeKey(
  name: string,
  wanted: string,
  _options: unknown,
  command: Command,
): Promise<void> {
  await rewrite(name, command, {
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

/** A day means its start, in UTC. */
function instant(text: string): string {
  const at = /^\d{4}-\d\d-\d\d(T.*Z)?$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isFinite(at)) return new Date(at).toISOString();
  throw new OpsError(`--expires "${text}" is not a time`, {
    how: 'write it as 2027-01-31 or 2027-01-31T12:00:00Z',
    exitCode: EXIT.usage,
  });
}
