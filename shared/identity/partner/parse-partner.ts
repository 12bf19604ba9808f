import * as v from 'valibot';
import { describeError } from '../../platform/errors.ts';
import { Partner } from './partner.ts';

/** One thing that is wrong with a document, for whoever wrote it. */
export type Problem = {
  /** `publicKeys.0.key`; empty for the document as a whole. */
  readonly path: string;
  /** What is wrong and what to do, as a clause that follows the path. */
  readonly problem: string;
};

export type ParsedPartner =
  | { readonly partner: Partner }
  | { readonly problems: readonly [Problem, ...Problem[]] };

/** Reads a partner's document; everything that is wrong with it at once. */
export function parsePartner(document: unknown): ParsedPartner {
  const parsed = v.safeParse(Partner, document);
  if (parsed.success) return { partner: parsed.output };
  const [first, ...others] = parsed.issues;
  return { problems: [wordIssue(first), ...others.map(wordIssue)] };
}

/** The same, from the text of the file. */
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
export function wordProblems(problems: readonly Problem[]): string {
  return problems.map(({ path, problem }) => `${path || 'the document'} ${problem}`).join('\n');
}

function wordIssue(issue: v.InferIssue<typeof Partner>): Problem {
  const path = v.getDotPath(issue) ?? '';
  if (issue.type !== 'strict_object') return { path, problem: issue.message };
  if (issue.expected === 'never')
    return { path, problem: 'is not known; remove it, or correct its spelling' };
  if (issue.received === 'undefined') return { path, problem: 'is missing; add it' };
  return { path, problem: 'must be an object' };
}
