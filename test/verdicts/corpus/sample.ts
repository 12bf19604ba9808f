import type { UnscannableReason } from '../../../shared/model/verdict.ts';

/** One file of the corpus, and the verdict it must get. */
export type Sample = {
  /** Unique; used on the page and in the tests. */
  readonly name: string;
  readonly what: string;
  readonly content: () => Buffer;
  readonly verdict: 'clean' | 'infected' | UnscannableReason;
};

export function sample(
  name: string,
  what: string,
  verdict: Sample['verdict'],
  content: () => Buffer,
): Sample {
  return { name, what, verdict, content };
}

export const HELLO = Buffer.from('Hello, partner.\n'.repeat(20));
