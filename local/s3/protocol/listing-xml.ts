import { S3Error } from './errors.ts';
import type { ListedVersion } from '../store/versions.ts';
import { branch, leaf } from './xml.ts';

type Query = ReadonlyMap<string, string>;

/** Renders names raw, or URL-encoded if the client asked for that. */
export type NameEncoder = (name: string) => string;

/** @throws S3Error InvalidArgument for an unknown encoding */
export function parseEncoding(query: Query): NameEncoder {
  const type = query.get('encoding-type');
  if (type === undefined) return (name) => name;
  if (type.toLowerCase() === 'url') return urlEncode;
  throw new S3Error('InvalidArgument', 'Invalid Encoding Method specified in Request', {
    details: { ArgumentName: 'encoding-type', ArgumentValue: type },
  });
}

/** As S3 does: all but unreserved characters and slashes; a space becomes a plus. */
function urlEncode(name: string): string {
  return encodeURIComponent(name)
    .replace(/[!'()]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%2F', '/')
    .replaceAll('%20', '+');
}

/**
 * The page size: at most 1,000, which is the default.
 *
 * @throws S3Error InvalidArgument unless it is a whole number
 */
export function parseLimit(query: Query, name: string): number {
  const text = query.get(name);
  if (text === undefined || text === '') return 1000;
  if (!/^\d{1,10}$/.test(text) || Number(text) > 2_147_483_647) {
    throw new S3Error(
      'InvalidArgument',
      `Provided ${name} not an integer or within integer range`,
      {
        details: { ArgumentName: name, ArgumentValue: text },
      },
    );
  }
  return Math.min(1000, Number(text));
}

export function renderPrefixes(prefixes: readonly string[], encode: NameEncoder): string {
  return prefixes
    .map((prefix) => branch('CommonPrefixes', leaf('Prefix', encode(prefix))))
    .join('');
}

/** The elements common to lists of objects and of versions. */
export function renderListed(version: ListedVersion): string {
  return [
    leaf('LastModified', formatTime(version.modifiedAtMs)),
    leaf('ETag', `"${version.etag}"`),
    leaf('ChecksumAlgorithm', version.checksum?.algorithm),
    leaf('ChecksumType', version.checksum?.type),
    leaf('Size', version.sizeBytes),
    leaf('StorageClass', 'STANDARD'),
  ].join('');
}

export function formatTime(ms: number): string {
  return new Date(ms).toISOString();
}
