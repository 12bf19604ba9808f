import { hasControlCharacters } from '../../platform/control-characters.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
export const S3_BUCKET_NAME = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

/**
 * IAM reads these in a resource as wildcards and variables, and JSON doubles the last two. A folder's
 * name has none of them, so a session policy never says more than it seems to.
 */
const SPECIAL = /[*?${}"\\]/;

/** Whether a relative path names one place, and the same one for S3, IAM and people. */
export function hasSafeSegments(path: string): boolean {
  const segments = path.split('/');
  return (
    !segments.some((segment) => segment === '' || segment === '.' || segment === '..') &&
    !SPECIAL.test(path) &&
    !hasControlCharacters(path) &&
    path.isWellFormed()
  );
}

/** Two paths of which one is the other or lies below it; undefined when there are none. */
export function overlap(paths: readonly string[]): readonly [string, string] | undefined {
  for (const [index, one] of paths.entries()) {
    const other = paths.slice(index + 1).find((path) => isBelow(path, one) || isBelow(one, path));
    if (other !== undefined) return [one, other];
  }
  return undefined;
}

/** Whether `path` is `folder` or lies below it; a slash at either's end makes no difference. */
export function isBelow(path: string, folder: string): boolean {
  return folder === '' || withSlash(path).startsWith(withSlash(folder));
}

function withSlash(path: string): string {
  return path.endsWith('/') ? path : `${path}/`;
}
