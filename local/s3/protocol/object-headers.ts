import { S3Error } from './errors.ts';
import type { Pairs } from './pairs.ts';
import { parseTaggingHeader } from './tags.ts';

type Headers = ReadonlyMap<string, string>;

/** What a write says about an object beside its bytes. */
export type Description = {
  readonly headers: Pairs;
  readonly metadata: Pairs;
  readonly tags: Pairs;
};

const META = 'x-amz-meta-';
/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html: 2 KB of names and values. */
const MAX_METADATA_BYTES = 2048;

const KEPT = [
  'cache-control',
  'content-disposition',
  'content-language',
  'content-type',
  'expires',
  'x-amz-server-side-encryption',
  'x-amz-server-side-encryption-aws-kms-key-id',
  'x-amz-server-side-encryption-bucket-key-enabled',
];

/** Headers that change what is stored or who may remove it: leaving them out in silence would be a lie. */
const REFUSED = [
  'x-amz-object-lock-legal-hold',
  'x-amz-object-lock-mode',
  'x-amz-object-lock-retain-until-date',
  'x-amz-server-side-encryption-customer-algorithm',
  'x-amz-website-redirect-location',
  'x-amz-write-offset-bytes',
];

/** @throws S3Error MetadataTooLarge, InvalidTag, or NotImplemented for headers whose meaning is not kept */
export function parseDescription(headers: Headers): Description {
  return {
    headers: parseHeaders(headers),
    metadata: parseMetadata(headers),
    tags: parseTaggingHeader(headers.get('x-amz-tagging')),
  };
}

function parseHeaders(headers: Headers): Pairs {
  const refused = REFUSED.find((name) => headers.has(name));
  if (refused !== undefined) {
    throw new S3Error('NotImplemented', `The header ${refused} is not implemented.`, {
      details: { Header: refused },
    });
  }
  const kept: [string, string][] = [];
  for (const name of KEPT) {
    const value = headers.get(name);
    if (value !== undefined && value !== '') kept.push([name, value]);
  }
  const encoding = withoutAwsChunked(headers.get('content-encoding') ?? '');
  if (encoding !== '') kept.push(['content-encoding', encoding]);
  return kept;
}

/** The framing of the request is not a property of the object. */
function withoutAwsChunked(contentEncoding: string): string {
  return contentEncoding
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '' && coding.toLowerCase() !== 'aws-chunked')
    .join(',');
}

function parseMetadata(headers: Headers): Pairs {
  const metadata = [...headers].filter(([name]) => name.startsWith(META));
  // Header values arrive as latin1, one character a byte.
  const sizeBytes = metadata.reduce(
    (sum, [name, value]) => sum + name.length - META.length + value.length,
    0,
  );
  if (sizeBytes > MAX_METADATA_BYTES) {
    throw new S3Error(
      'MetadataTooLarge',
      'Your metadata headers exceed the maximum allowed metadata size',
      { details: { Size: String(sizeBytes), MaxSizeAllowed: String(MAX_METADATA_BYTES) } },
    );
  }
  return metadata;
}

/** S3 names the encryption in the reply to each write. */
export function encryptionHeaders(headers: Pairs): Record<string, string> {
  return Object.fromEntries(
    headers.filter(([name]) => name.startsWith('x-amz-server-side-encryption')),
  );
}
