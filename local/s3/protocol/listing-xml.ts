import { S3Error } from './errors.ts';
import type { ListedVersion } from '../store/versions.ts';
import { branch, leaf } from './xml.ts';

type Query = ReadonlyMap<string, string>;

/** Renders names as the client asked for: raw, or URL-encoded where XML could not carry them. */
export type NameEncoder = (name: string) => string;

/** @throws S3Error InvalidArgument for an encoding that is none */
export function parseEncoding(query: Query): NameEncoder {
  const type = query.get('encoding-type');
  if (type === undefined) return (name) => name;
  if (type.toLowerCase() === 'url') return urlEncode;
  throw new S3Error('InvalidArgument', 'Invalid Encoding Method specified in Request', {
    details: { ArgumentName: 'encoding-type', ArgumentValue: type },
  });
}

/** As S3 does: everything but unreserved characters and the slash, and a space is a plus. */
function urlEncode(name: string): string {
  return encodeURIComponent(name)
    .replace(/[!'()]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%2F', '/')
    .replaceAll('%20', '+');
}

/**
 * A page size: 1,000 unless less is asked for.
 *
 * @throws S3Error InvalidArgument for what is no whole number
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

/** The elements that lists of objects and of versions have in common. */
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
