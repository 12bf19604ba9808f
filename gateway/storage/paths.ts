import { failure, noSuchFile } from '../protocol/status.ts';

/** S3's limit for a key, in bytes of UTF-8. */
const MAX_KEY_BYTES = 1024;

/** A logical directory: a partner sees at `entry` the objects under `prefix` in `bucket`. */
export type Home = {
  /** Absolute, without a final '/' unless it is the root itself. */
  readonly entry: string;
  readonly bucket: string;
  /** '' or ending in '/', see `homeAt`. */
  readonly prefix: string;
};

/** What a client's path refers to. */
export type Place =
  | {
      readonly kind: 'stored';
      readonly path: string;
      readonly bucket: string;
      /** The key of a file here, and with a final '/' of a folder; '' = the whole bucket. */
      readonly key: string;
      /** A home always exists and is always a folder. */
      readonly isHome: boolean;
      /** Of its home: every key there begins with it. '' or ending in '/'. */
      readonly prefix: string;
    }
  /** A folder that exists only because homes lie below it. */
  | { readonly kind: 'virtual'; readonly path: string };

/** Ends the prefix in '/': without it, a partner whose home is `acme` could reach `acme2/`. */
export function homeAt(entry: string, bucket: string, prefix: string): Home {
  return { entry, bucket, prefix: prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/` };
}

/**
 * The absolute form of a client's path. Relative paths start at `/`, and `..` never leaves it.
 *
 * @throws SftpFailure for control characters, which are unsafe in terminals, logs and landing file systems
 */
export function resolvePath(path: string): string {
  if (/\p{Cc}/u.test(path)) throw failure('file names with control characters are refused');
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(segment);
  }
  return `/${segments.join('/')}`;
}

/** Whether a path can only mean a folder: `a/`, `a/.` and `a/..` do, whatever `a` is. */
export function namesFolder(path: string): boolean {
  return /(?:^|\/)\.{0,2}$/.test(path);
}

/** The keys of the folders above a key, the innermost first, as far up as `prefix`, which is none of them. */
export function foldersAbove(key: string, prefix = ''): readonly string[] {
  const folders: string[] = [];
  for (let end = key.lastIndexOf('/'); end >= prefix.length; end = key.lastIndexOf('/', end - 1)) {
    if (end <= 0) break;
    folders.push(key.slice(0, end));
  }
  return folders;
}

/**
 * Resolves a client's path in the innermost home that contains it. The key always starts with that home's
 * prefix.
 *
 * @throws SftpFailure for a path in no home, for control characters and for keys longer than S3 allows
 */
export function locate(homes: readonly Home[], clientPath: string): Place {
  const path = resolvePath(clientPath);
  const home = homes
    .filter(({ entry }) => isAtOrBelow(path, entry))
    .toSorted((a, b) => b.entry.length - a.entry.length)[0];
  if (home !== undefined) {
    const rest = path.slice(home.entry === '/' ? 1 : home.entry.length + 1);
    const key = rest === '' ? home.prefix.slice(0, -1) : home.prefix + rest;
    return {
      kind: 'stored',
      path,
      bucket: home.bucket,
      key: checkedLength(key),
      isHome: rest === '',
      prefix: home.prefix,
    };
  }
  if (path === '/' || homes.some(({ entry }) => isAtOrBelow(entry, path))) {
    return { kind: 'virtual', path };
  }
  throw noSuchFile(path);
}

/** The names in a folder that are homes or lead to homes. */
export function homesBelow(homes: readonly Home[], path: string): readonly string[] {
  const start = path === '/' ? '/' : `${path}/`;
  const names = homes
    .filter(({ entry }) => entry.startsWith(start) && entry !== start)
    .map(({ entry }) => entry.slice(start.length).split('/')[0] ?? '');
  return [...new Set(names)];
}

/** The prefix of all keys below a folder, and the key of its marker object. */
export function folderPrefix(key: string): string {
  return key === '' ? '' : checkedLength(`${key}/`);
}

/** Whether a name in a listing can be part of an SFTP path: S3 allows keys like `a//b`. */
export function isReachableName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !/[/\p{Cc}]/u.test(name);
}

function isAtOrBelow(path: string, folder: string): boolean {
  return folder === '/' || path === folder || path.startsWith(`${folder}/`);
}

function checkedLength(key: string): string {
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) {
    throw failure(`the path is longer than the ${MAX_KEY_BYTES} bytes that S3 allows`);
  }
  return key;
}
