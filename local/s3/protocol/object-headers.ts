import { S3Error } from './errors.ts';
import type { Pairs } from './pairs.ts';
import { parseTaggingHeader } from './tags.ts';

type Headers = ReadonlyMap<string, string>;

/** What a write sets besides the bytes. */
export type Description = {
  readonly headers: Pairs;
  readonly metadata: Pairs;
  readonly tags: Pairs;
};

const META = 'x-amz-meta-';
/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html: 2 KB of names and values. */
const MAX_METADATA_BYTES = 2048;

const STORED = [
  'cache-control',
  'content-disposition',
  'content-language',
  'content-type',
  'expires',
  'x-amz-server-side-encryption',
  'x-amz-server-side-encryption-aws-kms-key-id',
  'x-amz-server-side-encryption-bucket-key-enabled',
];

/** Headers that change what is stored or who may delete it, and so must not be ignored. */
const REFUSED = [
  'x-amz-object-lock-legal-hold',
  'x-amz-object-lock-mode',
  'x-amz-object-lock-retain-until-date',
  'x-amz-server-side-encryption-customer-algorithm',
  'x-amz-website-redirect-location',
  'x-amz-write-offset-bytes',
];

/** @throws S3Error MetadataTooLarge, InvalidTag, or NotImplemented for headers that are not supported */
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
  const stored: [string, string][] = [];
  for (const name of STORED) {
    const value = headers.get(name);
    if (value !== undefined && value !== '') stored.push([name, value]);
  }
  const encoding = withoutAwsChunked(headers.get('content-encoding') ?? '');
  if (encoding !== '') stored.push(['content-encoding', encoding]);
  return stored;
}

/** The request's framing is not a property of the object. */
function withoutAwsChunked(contentEncoding: string): string {
  return contentEncoding
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '' && coding.toLowerCase() !== 'aws-chunked')
    .join(',');
}

function parseMetadata(headers: Headers): Pairs {
  const metadata = [...headers].filter(([name]) => name.startsWith(META));
  // Header values are latin1, one character per byte.
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

/** S3 returns the encryption headers in the reply to each write. */
export function encryptionHeaders(headers: Pairs): Record<string, string> {
  return Object.fromEntries(
    headers.filter(([name]) => name.startsWith('x-amz-server-side-encryption')),
  );
}
