import { S3Error } from '../protocol/errors.ts';
import {
  parseEncoding,
  parseLimit,
  renderListed,
  renderPrefixes,
} from '../protocol/listing-xml.ts';
import type { Page } from '../objects/paginate.ts';
import { compareKeys, paginate } from '../objects/paginate.ts';
import type { S3Reply, S3Request, S3Service } from '../service.ts';
import type { ListedVersion } from '../store/versions.ts';
import { branch, leaf, xmlDocument } from '../protocol/xml.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
export function listObjectsV2(s3: S3Service, request: S3Request): S3Reply {
  const { query } = request;
  if (query.get('list-type') !== '2') {
    throw new S3Error('InvalidArgument', 'Invalid list type specified in Request');
  }
  const token = query.get('continuation-token');
  const startAfter = query.get('start-after');
  const after = token === undefined ? (startAfter ?? '') : decodeToken(token);
  const { page, common, encode } = list(s3, request, after);
  const next = page.next === undefined ? undefined : encodeToken(page.next.name);
  return {
    status: 200,
    xml: xmlDocument(
      'ListBucketResult',
      common,
      leaf('KeyCount', page.rows.length + page.commonPrefixes.length),
      leaf('ContinuationToken', token),
      leaf('NextContinuationToken', next),
      leaf('StartAfter', startAfter === undefined ? undefined : encode(startAfter)),
    ),
  };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjects.html */
export function listObjects(s3: S3Service, request: S3Request): S3Reply {
  const marker = request.query.get('marker') ?? '';
  const { page, common, encode } = list(s3, request, marker);
  // Without a delimiter clients use the last key as the next marker.
  const isGrouped = (request.query.get('delimiter') ?? '') !== '';
  const next = isGrouped ? page.next?.name : undefined;
  return {
    status: 200,
    xml: xmlDocument(
      'ListBucketResult',
      common,
      leaf('Marker', encode(marker)),
      leaf('NextMarker', next === undefined ? undefined : encode(next)),
    ),
  };
}

type Listed = {
  readonly page: Page<ListedVersion>;
  /** The elements common to both versions of the operation. */
  readonly common: string;
  readonly encode: (name: string) => string;
};

function list(s3: S3Service, request: S3Request, after: string): Listed {
  const { bucket, query } = request;
  s3.store.buckets.get(bucket);
  const encode = parseEncoding(query);
  const limit = parseLimit(query, 'max-keys');
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const page = paginate<ListedVersion>({
    prefix,
    delimiter,
    after,
    limit,
    open: (fromKey) => s3.store.listing.live(bucket, fromKey),
    isAfterMarker: ({ key }) => after === '' || compareKeys(key, after) > 0,
  });
  const contents = page.rows.map((row) =>
    branch('Contents', leaf('Key', encode(row.key)), renderListed(row)),
  );
  const common = [
    leaf('Name', bucket),
    leaf('Prefix', encode(prefix)),
    leaf('Delimiter', delimiter === '' ? undefined : encode(delimiter)),
    leaf('MaxKeys', limit),
    leaf('EncodingType', query.get('encoding-type')),
    leaf('IsTruncated', page.next !== undefined),
    ...contents,
    renderPrefixes(page.commonPrefixes, encode),
  ].join('');
  return { page, common, encode };
}

function encodeToken(name: string): string {
  return Buffer.from(name).toString('base64url');
}

function decodeToken(token: string): string {
  const name = Buffer.from(token, 'base64url').toString();
  if (token !== '' && encodeToken(name) === token) return name;
  throw new S3Error('InvalidArgument', 'The continuation token provided is incorrect', {
    details: { ArgumentName: 'continuation-token' },
  });
}
