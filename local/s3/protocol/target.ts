import { S3Error } from './errors.ts';

/** What a request line points at. Empty strings: no bucket, no key. */
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
 * Never through `new URL()`, which resolves dot segments: `a/../b` is a key like any other. The path is percent-decoded
 * exactly once, and a plus in it is a plus.
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
 * Reads `x-amz-copy-source`: `[/]bucket/key[?versionId=id]`, percent-encoded or, as some clients do, as it is.
 *
 * @throws S3Error InvalidArgument
 */
export function parseCopySource(header: string): {
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string | undefined;
} {
  // Header bytes arrive as latin1; what was sent unencoded is UTF-8.
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
