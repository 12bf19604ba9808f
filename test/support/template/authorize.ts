import assert from 'node:assert/strict';
import { listOf } from './deployment.ts';
import type { Attached } from './policies.ts';

export type Request = {
  /** ARN of the role whose session asks; `<IngestRole.Arn>` for one of the template. */
  readonly principal: string;
  readonly action: string;
  readonly resource: string;
  /** Condition keys that the request has besides its principal. */
  readonly context?: Readonly<Record<string, string>>;
};

/**
 * IAM's decision within one account, as far as our policies go: an explicit denial wins, then any
 * grant, of the identity or of the resource, suffices.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 *
 * @param statements of the role that asks and of the resource that is asked for
 */
export function isAllowed(request: Request, statements: readonly Attached[]): boolean {
  const effects = statements
    .filter((each) => applies(each, request))
    .map(({ statement }) => statement.Effect);
  return !effects.includes('Deny') && effects.includes('Allow');
}

function applies({ to, statement }: Attached, request: Request): boolean {
  const { principal, action, resource } = request;
  const context: Readonly<Record<string, string>> = {
    'aws:SecureTransport': 'true',
    'aws:PrincipalArn': principal,
    ...request.context,
  };
  return (
    (to === 'identity' || isNamed(statement.Principal, principal)) &&
    listOf<string>(statement.Action).some((pattern) => matches(pattern, action)) &&
    // A file system's own policy names no resource: it is its own.
    (listOf<string>(statement.Resource).some((pattern) => matches(pattern, resource)) ||
      statement.Resource === undefined) &&
    Object.entries(statement.Condition ?? {}).every(([operator, keys]) =>
      Object.entries(keys).every(([key, wanted]) =>
        holds(operator, listOf<string>(wanted), context[key]),
      ),
    )
  );
}

function isNamed(named: any, principal: string): boolean {
  const arns = named === '*' ? ['*'] : listOf<string>(named?.AWS);
  return arns.some((arn) => matches(arn, principal));
}

/** A key that the request does not have fulfils only what is negated. */
function holds(operator: string, wanted: readonly string[], value: string | undefined): boolean {
  switch (operator) {
    case 'Bool':
    case 'StringEquals':
      return value !== undefined && wanted.includes(value);
    case 'StringNotEquals':
      return value === undefined || !wanted.includes(value);
    case 'ArnEquals':
    case 'ArnLike':
    case 'StringLike':
      return value !== undefined && wanted.some((pattern) => matches(pattern, value));
    case 'ArnNotEquals':
      return value === undefined || !wanted.some((pattern) => matches(pattern, value));
    default:
      throw new assert.AssertionError({ message: `${operator} is not known here` });
  }
}

function matches(pattern: string, value: string): boolean {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's').test(value);
}
