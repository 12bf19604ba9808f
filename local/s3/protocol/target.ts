import { S3Error } from './errors.ts';

/** The target of a request. Empty strings: no bucket, no key. */
export type Target = {
  readonly bucket: string;
  readonly key: string;
  readonly query: ReadonlyMap<string, string>;
};

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html, in bytes of UTF-8. */
const MAX_KEY_BYTES = 1024;

/**
 * Reads a raw request target, path-style: `/bucket/key?query`.
 *
 * Not with `new URL()`, which resolves dot segments: `a/../b` is a valid key. The path is percent-decoded exactly once,
 * and a plus in it stays a plus.
 *
 * @throws S3Error InvalidURI, KeyTooLongError
 */
export function parseTarget(rawTarget: string): Target {
  const target = rawTarget.replace(/^https?:\/\/[^/?]*/i, '');
  const mark = target.indexOf('?');
  const path = mark === -1 ? target : target.slice(0, mark);
  const slash = path.indexOf('/', 1);
  const bucket = decode(slash === -1 ? path.slice(1) : path.slice(1, slash));
  const key = slash === -1 ? '' : decode(path.slice(slash + 1));
  if (!path.startsWith('/')) throw invalidUri();
  const sizeBytes = Buffer.byteLength(key);
  if (sizeBytes > MAX_KEY_BYTES) {
    throw new S3Error('KeyTooLongError', 'Your key is too long', {
      details: { Size: String(sizeBytes), MaxSizeAllowed: String(MAX_KEY_BYTES) },
    });
  }
  return { bucket, key, query: parseQuery(mark === -1 ? '' : target.slice(mark + 1)) };
}

function parseQuery(text: string): ReadonlyMap<string, string> {
  const query = new Map<string, string>();
  for (const pair of text.split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const name = equals === -1 ? pair : pair.slice(0, equals);
    const value = equals === -1 ? '' : pair.slice(equals + 1);
    query.set(decode(name.replaceAll('+', ' ')), decode(value.replaceAll('+', ' ')));
  }
  return query;
}

/** @throws S3Error InvalidURI for a broken escape and for bytes that are not UTF-8 */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    throw invalidUri(error);
  }
}

function invalidUri(cause?: unknown): S3Error {
  return new S3Error('InvalidURI', "Couldn't parse the specified URI.", { cause });
}

/**
 * Reads `x-amz-copy-source`: `[/]bucket/key[?versionId=id]`, percent-encoded or, from some clients, raw.
 *
 * @throws S3Error InvalidArgument
 */
export function parseCopySource(header: string): {
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string | undefined;
} {
  // Node decodes headers as latin1; unencoded names are UTF-8.
  const raw = Buffer.from(header, 'latin1').toString();
  try {
    const { bucket, key, query } = parseTarget(raw.startsWith('/') ? raw : `/${raw}`);
    if (bucket !== '' && key !== '') return { bucket, key, versionId: query.get('versionId') };
  } catch (error) {
    if (!(error instanceof S3Error)) throw error;
  }
  throw new S3Error(
    'InvalidArgument',
    'Copy Source must mention the source bucket and key: sourcebucket/sourcekey',
    { details: { ArgumentName: 'x-amz-copy-source', ArgumentValue: raw } },
  );
}
