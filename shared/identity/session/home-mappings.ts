import { type HomeDirectory, INBOX } from '../partner/home-directory.ts';
import type { Partner } from '../partner/partner.ts';

/** As Transfer Family has it. */
export type HomeMapping = {
  /** What the partner sees. */
  readonly Entry: string;
  /** `/bucket` or `/bucket/folder`. */
  readonly Target: string;
};

type Homes = Pick<Partner, 'homeDirectories' | 'homePath' | 'landingPrefix'>;

/**
 * A partner's home directories for Transfer; by default, the landing folder as `/`. A home path is the mapping
 * of a path to itself.
 */
export function homeMappingsOf(
  { homeDirectories, homePath, landingPrefix }: Homes,
  inboxBucket: string,
): readonly HomeMapping[] {
  if (homePath !== undefined) {
    const path = withInbox(homePath, inboxBucket);
    return [{ Entry: path, Target: path }];
  }
  const folder = landingPrefix === '' ? '' : `/${landingPrefix.slice(0, -1)}`;
  const landing: HomeDirectory = { entry: '/', target: `/${INBOX}${folder}` };
  return (homeDirectories ?? [landing]).map(({ entry, target }) => ({
    Entry: entry,
    Target: withInbox(target, inboxBucket),
  }));
}

/** The folder in which a session begins, and in which its relative paths are. */
export function startOf({ homePath }: Pick<Partner, 'homePath'>, inboxBucket: string): string {
  return homePath === undefined ? '/' : withInbox(homePath, inboxBucket);
}

function withInbox(target: string, inboxBucket: string): string {
  return target.replace(`/${INBOX}`, () => `/${inboxBucket}`);
}

/** The object that a partner's path names; undefined outside the home directories. */
export function objectAt(
  path: string,
  homes: readonly HomeMapping[],
): { readonly bucket: string; readonly key: string } | undefined {
  for (const { Entry, Target } of homes) {
    const entry = Entry === '/' ? '' : Entry;
    if (!path.startsWith(`${entry}/`)) continue;
    const { bucket, prefix } = placeOf(Target);
    return { bucket, key: `${prefix}${path.slice(entry.length + 1)}` };
  }
  return undefined;
}

/** Splits a target; the prefix is empty or ends in a slash. */
export function placeOf(target: string): { readonly bucket: string; readonly prefix: string } {
  const [, bucket = '', ...folder] = target.split('/');
  return { bucket, prefix: folder.map((segment) => `${segment}/`).join('') };
}
