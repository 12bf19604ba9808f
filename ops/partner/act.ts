/** What is about to be done to a partner. */
export type Act = {
  /** `partner remove` */
  readonly command: string;
  readonly reason: string | undefined;
  /** The options that were given; never a secret. */
  readonly parameters: Readonly<Record<string, unknown>>;
};

export type Subject = { readonly kind: 'partner'; readonly partner: string };

/**
 * Does something that changes a partner. Every command that does goes through here, and only once what was asked
 * for has been checked.
 *
 * @param work calls `note` once the change is made
 * @throws what `work` throws
 */
export async function act<T>(
  _act: Act,
  work: (note: (subject: Subject) => void) => Promise<T>,
): Promise<T> {
  return work(() => {});
}
