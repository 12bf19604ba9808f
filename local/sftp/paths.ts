import { failure } from './status.ts';

/** S3's limit for a key, in bytes of UTF-8. */
const MAX_KEY_BYTES = 1024;

/** The part of a bucket that one partner sees as `/`. */
export type Home = {
  readonly bucket: string;
  /** '' or ending in '/', see `homeOf`. */
  readonly prefix: string;
};

/** A prefix that does not end in '/' would open `acme2/` to a partner whose home is `acme`. */
export function homeOf(session: { readonly bucket: string; readonly prefix: string }): Home {
  const { bucket, prefix } = session;
  return { bucket, prefix: prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/` };
}

/**
 * The absolute path a client means: relative ones start at `/`, which `..` never leaves.
 *
 * @throws SftpFailure for control characters: no terminal, log or landing file system wants them
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

/**
 * The key of the file at a client's path; always starts with the home's prefix.
 *
 * @throws SftpFailure for `/` itself, for control characters and for keys longer than S3 keeps
 */
export function fileKey(home: Home, path: string): string {
  const resolved = resolvePath(path);
  if (resolved === '/') throw failure('/ is a folder');
  return checkedLength(home.prefix + resolved.slice(1));
}

/** What all keys below the folder at a client's path start with; also the key of its marker. */
export function folderPrefix(home: Home, path: string): string {
  const resolved = resolvePath(path);
  if (resolved === '/') return home.prefix;
  return checkedLength(`${home.prefix}${resolved.slice(1)}/`);
}

/** Whether a name found in a listing can be reached over SFTP at all: S3 allows keys like `a//b`. */
export function isReachableName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !/[/\p{Cc}]/u.test(name);
}

function checkedLength(key: string): string {
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) {
    throw failure(`the path is longer than the ${MAX_KEY_BYTES} bytes that S3 keeps`);
  }
  return key;
}
