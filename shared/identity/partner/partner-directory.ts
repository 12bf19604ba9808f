import type { Partner } from './partner.ts';
import type { Problem } from './parse-partner.ts';

/** What is known of a name. */
export type PartnerLookup =
  | { readonly kind: 'partner'; readonly partner: Partner }
  | { readonly kind: 'nobody' }
  /** There is a document, but an invalid one. */
  | { readonly kind: 'invalid'; readonly problems: readonly Problem[] };

/** Looks up partners. */
export interface PartnerDirectory {
  /**
   * May be some seconds out of date; the adapter says how many.
   *
   * @param name any text from a client; `nobody` if it is not a valid user name
   * @throws when the directory cannot be read
   */
  find(name: string): Promise<PartnerLookup>;
}
