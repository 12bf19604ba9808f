import { S3_BUCKET_NAME } from '../../shared/identity/partner/paths.ts';
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

/** What a partner sees: AWS Transfer Family's two kinds of home directories. */
export type Homes =
  /** A tree of the homes' entries; nothing else exists. */
  | { readonly kind: 'logical'; readonly homes: readonly Home[] }
  /** Real paths, `/bucket/key`. A session begins at `start` and may go wherever its policy permits. */
  | { readonly kind: 'path'; readonly start: string };

/** What a client's path refers to. */
export type Place =
  | {
      readonly kind: 'stored';
      readonly path: string;
      readonly bucket: string;
      /** The key of a file here, and with a final '/' of a folder; '' = the whole bucket. */
      readonly key: string;
      /** A home, or a real folder above one: it always exists and is always a folder. */
      readonly isHome: boolean;
      /** Of the innermost such folder here or above: every key there begins with it. '' or ending in '/'. */
      readonly prefix: string;
    }
  /** A folder that exists only because homes lie below it. */
  | { readonly kind: 'virtual'; readonly path: string };

/**
 * Ends the prefix in '/': without it, a partner whose home is `acme` could reach `acme2/`.
 *
 * @param target `/bucket` or `/bucket/folder`
 */
export function homeAt(entry: string, target: string): Home {
  const [, bucket = '', ...folders] = target.replace(/\/$/, '').split('/');
  return { entry, bucket, prefix: prefixOf(folders) };
}

function prefixOf(folders: readonly string[]): string {
  return folders.map((folder) => `${folder}/`).join('');
}

/**
 * The absolute form of a client's path. Relative paths are in `start`, and `..` never leaves the root.
 *
 * @throws SftpFailure for control characters, which are unsafe in terminals, logs and landing file systems
 */
export function resolvePath(path: string, start = '/'): string {
  if (/\p{Cc}/u.test(path)) throw failure('file names with control characters are refused');
  const segments: string[] = [];
  for (const segment of (path.startsWith('/') ? path : `${start}/${path}`).split('/')) {
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

/** The absolute form of a partner's path. @throws SftpFailure as `resolvePath` */
export function resolveIn(homes: Homes, path: string): string {
  return resolvePath(path, startOf(homes));
}

/** The folder that relative paths are in. */
export function startOf(homes: Homes): string {
  return homes.kind === 'path' ? homes.start : '/';
}

/** The paths of the homes, for the log. */
export function entriesOf(homes: Homes): readonly string[] {
  return homes.kind === 'path' ? [homes.start] : homes.homes.map(({ entry }) => entry);
}

/**
 * Resolves a client's path: to the innermost home that contains it, whose prefix the key then starts with; or
 * to the bucket and the key that a real path names.
 *
 * @throws SftpFailure for a path in no home, for control characters and for keys longer than S3 allows
 */
export function locate(homes: Homes, clientPath: string): Place {
  const path = resolveIn(homes, clientPath);
  return homes.kind === 'path' ? locateReal(homes.start, path) : locateLogical(homes.homes, path);
}

function locateReal(start: string, path: string): Place {
  const [, bucket = '', ...folders] = path.split('/');
  if (bucket === '') return { kind: 'virtual', path };
  if (!S3_BUCKET_NAME.test(bucket)) throw noSuchFile(path);
  const key = checkedLength(folders.join('/'));
  const startNames = start.split('/');
  const names = path.split('/');
  // The first name that is not on the way from the root to the home; none at the home and above it.
  const leaving = names.findIndex((name, depth) => name !== startNames[depth]);
  const isHome = leaving < 0 || key === '';
  const prefix = prefixOf(names.slice(2, leaving < 0 ? undefined : leaving));
  return { kind: 'stored', path, bucket, key, isHome, prefix };
}

function locateLogical(homes: readonly Home[], path: string): Place {
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

/** The names in a folder that are homes or lead to homes; of real paths, the bucket in the root. */
export function homesBelow(homes: Homes, path: string): readonly string[] {
  // Below the root a real path shows what is stored there, and only that.
  const entries = homes.kind === 'logical' || path === '/' ? entriesOf(homes) : [];
  const start = path === '/' ? '/' : `${path}/`;
  const names = entries
    .filter((entry) => entry.startsWith(start) && entry !== start)
    .map((entry) => entry.slice(start.length).split('/')[0] ?? '');
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
