import * as v from 'valibot';
import { matchesWildcard } from './wildcard.ts';

/** One S3 call, in IAM's terms. */
export type Access = {
  /** As `s3:GetObject`. */
  readonly action: string;
  /** As `arn:aws:s3:::bucket/key`. */
  readonly resource: string;
  /** For a listing: the condition key `s3:prefix`. */
  readonly prefix?: string;
};

export type Permits = (access: Access) => boolean;

const Texts = v.pipe(
  v.union([v.string(), v.array(v.string())]),
  v.transform((texts) => (typeof texts === 'string' ? [texts] : texts)),
);

const Conditions = v.strictObject({
  StringLike: v.optional(v.strictObject({ 's3:prefix': Texts })),
  StringEquals: v.optional(v.strictObject({ 's3:prefix': Texts })),
});

const Statement = v.strictObject({
  Sid: v.optional(v.string()),
  Effect: v.picklist(['Allow', 'Deny']),
  Action: Texts,
  Resource: Texts,
  Condition: v.optional(Conditions),
});
type Statement = v.InferOutput<typeof Statement>;

const Policy = v.strictObject({
  Version: v.literal('2012-10-17'),
  Id: v.optional(v.string()),
  Statement: v.pipe(
    v.union([v.array(v.unknown()), v.record(v.string(), v.unknown())]),
    v.transform((statements) => (Array.isArray(statements) ? statements : [statements])),
  ),
});

/**
 * Evaluates a session policy, in the subset of IAM that such policies use: Allow and Deny, wildcards in
 * actions and resources, `${transfer:UserName}`, and StringLike and StringEquals on `s3:prefix`.
 * Everything else is denied.
 *
 * Fails closed: an Allow that cannot be parsed never applies, such a Deny always does, and a document
 * that is not a policy denies everything.
 *
 * @param document the policy from the identity provider, JSON text
 */
export function sessionPermits(document: string, username: string): Permits {
  const policy = v.safeParse(Policy, parseJson(document));
  if (!policy.success) return () => false;
  const allows: Statement[] = [];
  const denies: Statement[] = [];
  for (const raw of policy.output.Statement) {
    const statement = v.safeParse(Statement, raw);
    if (statement.success)
      (statement.output.Effect === 'Deny' ? denies : allows).push(statement.output);
    else if (!isAllow(raw)) return () => false;
  }
  return (access) =>
    allows.some((statement) => applies(statement, access, username) === true) &&
    denies.every((statement) => applies(statement, access, username) === false);
}

/** undefined when the statement cannot be evaluated. */
function applies(statement: Statement, access: Access, username: string): boolean | undefined {
  const { Action, Resource, Condition } = statement;
  const isAction = Action.some((action) =>
    matchesWildcard(action.toLowerCase(), access.action.toLowerCase()),
  );
  if (!isAction) return false;
  const isResource = anyMatches(Resource, access.resource, username, matchesWildcard);
  if (isResource !== true) return isResource;
  const { StringLike, StringEquals } = Condition ?? {};
  for (const [wanted, matches] of [
    [StringLike, matchesWildcard],
    [StringEquals, (a: string, b: string) => a === b],
  ] as const) {
    if (wanted === undefined) continue;
    if (access.prefix === undefined) return false;
    const isMet = anyMatches(wanted['s3:prefix'], access.prefix, username, matches);
    if (isMet !== true) return isMet;
  }
  return true;
}

function anyMatches(
  patterns: readonly string[],
  text: string,
  username: string,
  matches: (pattern: string, text: string) => boolean,
): boolean | undefined {
  const known = patterns.map((pattern) => substitute(pattern, username));
  if (known.some((pattern) => pattern !== undefined && matches(pattern, text))) return true;
  return known.includes(undefined) ? undefined : false;
}

/** undefined for an unknown variable, and for a name that contains wildcards. */
function substitute(pattern: string, username: string): string | undefined {
  if (!pattern.includes('${')) return pattern;
  if (/[*?$]/.test(username)) return undefined;
  const text = pattern.replaceAll('${transfer:UserName}', username);
  return text.includes('${') ? undefined : text;
}

function isAllow(statement: unknown): boolean {
  return v.is(v.object({ Effect: v.literal('Allow') }), statement);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
