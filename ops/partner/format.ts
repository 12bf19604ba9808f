import { fingerprintOf } from '../../shared/identity/partner/public-key.ts';
import type { Partner } from '../../shared/identity/partner/partner.ts';
import { table } from '../output.ts';
import type { StoredDocument } from './documents.ts';
import type { Step } from './explain.ts';

/** A partner without the password's hash and salt. */
export function withoutSecrets(partner: Partner): object {
  const { password, publicKeys, ...others } = partner;
  return {
    ...others,
    hasPassword: password !== undefined,
    publicKeys: publicKeys.map((key) => ({ ...key, fingerprint: fingerprintOf(key.key) })),
  };
}

/** One line per partner, also for invalid documents. */
export function formatPartners(all: readonly StoredDocument[], now: number): string {
  if (all.length === 0) return 'There are no partners yet; add one with `partner add`.';
  const rows = all.map(({ name, parsed }) =>
    'partner' in parsed
      ? rowOf(parsed.partner, now)
      : [name, 'INVALID', '', '', `see \`partner check ${name}\``, ''],
  );
  return table(['NAME', 'STATE', 'LOGIN', 'SPACE', 'FOLDER', 'FROM'], rows);
}

function rowOf(partner: Partner, now: number): string[] {
  const { name, enabled, password, publicKeys, space, landingPrefix, allowedNetworks } = partner;
  const expired = publicKeys.filter(({ expiresAt }) => isPast(expiresAt, now)).length;
  const keys = `${publicKeys.length} key${publicKeys.length === 1 ? '' : 's'}`;
  const ways = [
    password && 'password',
    publicKeys.length > 0 && (expired > 0 ? `${keys} (${expired} expired)` : keys),
  ];
  return [
    name,
    enabled ? 'enabled' : 'disabled',
    ways.filter(Boolean).join(', ') || 'none',
    space,
    landingPrefix || '(whole inbox)',
    allowedNetworks.join(' '),
  ];
}

/** One partner; absent fields are left out. */
export function formatPartner(partner: Partner, now: number): string {
  const { password, publicKeys, homeDirectories = [], policy, contacts } = partner;
  const { unscannable, maxSizeBytes, allowedExtensions, refusedExtensions } = policy;
  const lines: [string, string | undefined][] = [
    ['name', partner.name],
    ['display name', partner.displayName],
    ['state', partner.enabled ? 'enabled' : 'disabled'],
    ['password', password === undefined ? 'none' : 'set'],
    ...publicKeys.map(({ key, comment, expiresAt }): [string, string] => [
      'key',
      [
        fingerprintOf(key),
        comment,
        expiresAt && `${isPast(expiresAt, now) ? 'expired' : 'expires'} ${expiresAt}`,
      ]
        .filter(Boolean)
        .join('  '),
    ]),
    ['from', partner.allowedNetworks.join(' ')],
    ['protocols', partner.protocols.join(' ')],
    ['space', partner.space],
    ['folder', partner.landingPrefix || '(whole inbox)'],
    ...homeDirectories.map(({ entry, target }): [string, string] => [
      'home',
      `${entry} is ${target}`,
    ]),
    ['home path', partner.homePath],
    ...Object.entries(unscannable).map(([reason, what]): [string, string] => [what, reason]),
    ['at most', maxSizeBytes === undefined ? undefined : `${maxSizeBytes} bytes`],
    ['only', allowedExtensions?.join(' ')],
    ['never', refusedExtensions?.join(' ')],
    ...contacts.map(({ name, email }): [string, string] => [
      'contact',
      email ? `${name} <${email}>` : name,
    ]),
  ];
  return table(
    ['FIELD', 'VALUE'],
    lines.flatMap(([field, value]) => (value === undefined ? [] : [[field, value]])),
  );
}

export function formatSteps(steps: readonly Step[]): string {
  return table(
    ['', 'STEP', 'WHAT HAPPENS'],
    steps.map(({ step, ok, words }) => [ok ? 'ok' : 'NO', step, words]),
  );
}

function isPast(expiresAt: string | undefined, now: number): boolean {
  return expiresAt !== undefined && Date.parse(expiresAt) <= now;
}
