import type { Partner } from './partner.ts';
import type { Problem } from './parse-partner.ts';

/** What is known of a name. */
export type PartnerLookup =
  | { readonly kind: 'partner'; readonly partner: Partner }
  | { readonly kind: 'nobody' }
  /** There is a document, but not one to act on. */
  | { readonly kind: 'invalid'; readonly problems: readonly Problem[] };

/** Where partners are looked up. */
export interface PartnerDirectory {
  /**
   * May answer what was true some seconds ago; the adapter says how many.
   *
   * @param name as somebody typed it: anything, so that what is no user name is nobody
   * @throws when the directory cannot be read
   */
  find(name: string): Promise<PartnerLookup>;
}
