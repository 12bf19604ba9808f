import { hasControlCharacters } from '../../platform/control-characters.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
export const S3_BUCKET_NAME = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

/**
 * IAM reads these in a resource as wildcards and variables, and JSON escapes the last two. Folder
 * names may not have them, so that a session policy never allows more than it seems to.
 */
const SPECIAL = /[*?${}"\\]/;

/** Whether a relative path is unambiguous, for S3, IAM and people. */
export function hasSafeSegments(path: string): boolean {
  const segments = path.split('/');
  return (
    !segments.some((segment) => segment === '' || segment === '.' || segment === '..') &&
    !SPECIAL.test(path) &&
    !hasControlCharacters(path) &&
    path.isWellFormed()
  );
}

/** Two paths that are equal or one below the other; undefined if there are none. */
export function findOverlap(paths: readonly string[]): readonly [string, string] | undefined {
  for (const [index, one] of paths.entries()) {
    const other = paths.slice(index + 1).find((path) => isBelow(path, one) || isBelow(one, path));
    if (other !== undefined) return [one, other];
  }
  return undefined;
}

/** Whether `path` is `folder` or below it; trailing slashes make no difference. */
export function isBelow(path: string, folder: string): boolean {
  return folder === '' || withSlash(path).startsWith(withSlash(folder));
}

function withSlash(path: string): string {
  return path.endsWith('/') ? path : `${path}/`;
}
