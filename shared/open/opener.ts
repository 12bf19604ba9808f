import type { Container, ListedMember } from '../model/container.ts';
import type { Finding } from '../model/verdict.ts';
import type { OpeningBudget } from './opening-budget.ts';

/** A file that was inside another one. */
export type Member = {
  /** As the container names it: for people only, it may be anything. */
  readonly name: string;
  /** A private regular file whose path is ours. */
  readonly path: string;
};

/** What was inside. Disposing removes all of it. */
export interface Opened extends AsyncDisposable {
  readonly members: readonly Member[];
  /** Why these are not known to be all members, complete; `undefined`: they are. */
  readonly unread: Finding | undefined;
}

/** Takes files out of other files, with programs that partners' bytes may try to subvert. */
export interface Opener {
  /**
   * Takes everything out of `path` into a private place. May be repeated.
   *
   * @param listed what our own reader found inside, in order; the members must agree
   * @throws IngestError `DEADLINE_NEAR` when `signal` fires first, `SCANNER_UNAVAILABLE` when a program
   *   is missing or there is no space; nothing is left behind
   */
  open(
    path: string,
    container: Container,
    listed: readonly ListedMember[] | undefined,
    budget: OpeningBudget,
    signal: AbortSignal,
  ): Promise<Opened>;
}
