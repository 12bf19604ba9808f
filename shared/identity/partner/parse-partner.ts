import * as v from 'valibot';
import { describeError } from '../../platform/errors.ts';
import { Partner } from './partner.ts';

/** One error in a document, for its author. */
export type Problem = {
  /** `publicKeys.0.key`; empty for the whole document. */
  readonly path: string;
  /** What is wrong and what to do, as a clause that follows the path. */
  readonly problem: string;
};

export type ParsedPartner =
  | { readonly partner: Partner }
  | { readonly problems: readonly [Problem, ...Problem[]] };

/** Parses a partner's document; reports all errors at once. */
export function parsePartner(document: unknown): ParsedPartner {
  const parsed = v.safeParse(Partner, document);
  if (parsed.success) return { partner: parsed.output };
  const [first, ...others] = parsed.issues;
  return { problems: [toProblem(first), ...others.map(toProblem)] };
}

/** The same, from text. */
export function parsePartnerText(text: string): ParsedPartner {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    return { problems: [{ path: '', problem: `is not JSON: ${describeError(error)}` }] };
  }
  return parsePartner(document);
}

/** One line per problem. */
export function formatProblems(problems: readonly Problem[]): string {
  return problems.map(({ path, problem }) => `${path || 'the document'} ${problem}`).join('\n');
}

function toProblem(issue: v.InferIssue<typeof Partner>): Problem {
  const path = v.getDotPath(issue) ?? '';
  if (issue.type !== 'strict_object') return { path, problem: issue.message };
  if (issue.expected === 'never')
    return { path, problem: 'is not known; remove it, or correct its spelling' };
  if (issue.received === 'undefined') return { path, problem: 'is missing; add it' };
  return { path, problem: 'must be an object' };
}
