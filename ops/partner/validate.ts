import type { LoginSettings } from '../../shared/identity/login/decide-login.ts';
import { homeMappingsOf, placeOf } from '../../shared/identity/session/home-mappings.ts';
import {
  type Problem,
  parsePartner,
  formatProblems,
} from '../../shared/identity/partner/parse-partner.ts';
import type { Partner } from '../../shared/identity/partner/partner.ts';
import { isBelow } from '../../shared/identity/partner/paths.ts';
import { PolicyTooLong, sessionPolicyOf } from '../../shared/identity/session/session-policy.ts';
import { OpsError } from '../ops-error.ts';
import { othersLike } from './names.ts';
import { findCollisions } from './collisions.ts';
import type { StoredDocument } from './documents.ts';

export type Validated = {
  readonly partner: Partner;
  /** Valid, but possibly not intended. */
  readonly warnings: readonly string[];
};

/**
 * Checks a document before it is written, so that no login fails because of it.
 *
 * @throws OpsError with all errors
 */
export function validate(
  document: unknown,
  all: readonly StoredDocument[],
  settings: LoginSettings,
  name: string,
): Validated {
  const partner = validateDocument(document, name);
  requireHomesInFolder(partner, settings.inboxBucket);
  requireShortPolicy(partner, settings);
  const others = all.flatMap(({ parsed: other }) => ('partner' in other ? [other.partner] : []));
  const collisions = findCollisions(partner, others, settings.inboxBucket);
  const refused = collisions.filter(({ severity }) => severity === 'refuse');
  if (refused.length > 0) {
    throw new OpsError(`"${partner.name}" would share a folder with another tenant`, {
      why: refused.map(({ other, place }) => `${other} uses ${place}`).join('; '),
      how: "choose another folder, or make both partners `--space shared` if they are to see each other's files",
    });
  }
  const warnings = collisions.map(
    ({ other, place }) => `note: "${other}" and "${partner.name}" both see ${place}`,
  );
  const alike = othersLike(
    name,
    all.map((other) => other.name),
  ).map((other) => `note: "${other}" and "${name}" differ in case only; partners may mix them up`);
  return { partner, warnings: [...alike, ...warnings] };
}

/**
 * Checks the document alone.
 *
 * @param name under which it is stored
 * @throws OpsError with all errors
 */
export function validateDocument(document: unknown, name: string): Partner {
  const parsed = parsePartner(document);
  if ('problems' in parsed) throw invalid(parsed.problems);
  if (parsed.partner.name === name) return parsed.partner;
  throw new OpsError(`the document's name is "${parsed.partner.name}", not "${name}"`, {
    why: 'a partner cannot be renamed: its name is what it logs in with, and what its files are known by',
    how: `correct the name, or add the other one with \`partner add ${parsed.partner.name}\``,
  });
}

/** Every file in the inbox lands at its own path, so a partner may only upload into its folder. */
function requireHomesInFolder(partner: Partner, inboxBucket: string): void {
  const { name, landingPrefix } = partner;
  for (const { Entry, Target } of homeMappingsOf(partner, inboxBucket)) {
    const { bucket, prefix } = placeOf(Target);
    if (bucket !== inboxBucket || isBelow(prefix, landingPrefix)) continue;
    throw new OpsError(`"${name}" would upload outside its folder`, {
      why: `${Entry} is ${Target}, and the folder is ${landingPrefix}`,
      how: 'choose a home directory within the folder, or a folder that contains it with --prefix',
    });
  }
}

function requireShortPolicy(partner: Partner, settings: LoginSettings): void {
  try {
    sessionPolicyOf(partner, settings);
  } catch (cause) {
    if (!(cause instanceof PolicyTooLong)) throw cause;
    throw new OpsError(`"${partner.name}" could not log in`, { why: cause.message }, { cause });
  }
}

/** @throws OpsError unless the stored document is valid */
export function requireValid({ name, parsed }: StoredDocument): Partner {
  if ('partner' in parsed) return parsed.partner;
  throw invalid(parsed.problems, `the document of "${name}" is not valid`);
}

function invalid(problems: readonly Problem[], what = 'the document is not valid'): OpsError {
  return new OpsError(`${what}\n${formatProblems(problems).replaceAll(/^/gm, '  ')}`, {
    how: 'fix these fields; docs/partners.md explains each',
  });
}
