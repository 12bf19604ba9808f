import { S3Error } from '../protocol/errors.ts';
import { checkVersionId } from '../objects/find-version.ts';
import {
  formatTime,
  parseEncoding,
  parseLimit,
  renderListed,
  renderPrefixes,
} from '../protocol/listing-xml.ts';
import { compareKeys, paginate } from '../objects/paginate.ts';
import type { S3Reply, S3Request, S3Service } from '../service.ts';
import type { ListedVersion } from '../store/versions.ts';
import { branch, leaf, xmlDocument } from '../protocol/xml.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html */
export function listObjectVersions(s3: S3Service, request: S3Request): S3Reply {
  const { bucket, query } = request;
  s3.store.buckets.get(bucket);
  const encode = parseEncoding(query);
  const limit = parseLimit(query, 'max-keys');
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const keyMarker = query.get('key-marker') ?? '';
  const versionIdMarker = query.get('version-id-marker');
  const page = paginate<ListedVersion>({
    prefix,
    delimiter,
    after: keyMarker,
    limit,
    open: (fromKey) => s3.store.listing.versions(bucket, fromKey),
    isAfterMarker: isAfterMarker(s3, bucket, keyMarker, versionIdMarker),
  });

  return {
    status: 200,
    xml: xmlDocument(
      'ListVersionsResult',
      leaf('Name', bucket),
      leaf('Prefix', encode(prefix)),
      leaf('KeyMarker', encode(keyMarker)),
      leaf('VersionIdMarker', versionIdMarker ?? ''),
      leaf('NextKeyMarker', page.next === undefined ? undefined : encode(page.next.name)),
      leaf('NextVersionIdMarker', page.next?.row?.versionId),
      leaf('MaxKeys', limit),
      leaf('Delimiter', delimiter === '' ? undefined : encode(delimiter)),
      leaf('EncodingType', query.get('encoding-type')),
      leaf('IsTruncated', page.next !== undefined),
      ...page.rows.map((row) => renderVersion(row, encode)),
      renderPrefixes(page.commonPrefixes, encode),
    ),
  };
}

/**
 * The version marker also excludes the newer versions of its key. When it was deleted meanwhile, all versions of the key
 * are listed again, since a repeated version is better than a missing one.
 */
function isAfterMarker(
  s3: S3Service,
  bucket: string,
  keyMarker: string,
  versionIdMarker: string | undefined,
): (row: ListedVersion) => boolean {
  if (keyMarker === '') {
    if (versionIdMarker === undefined || versionIdMarker === '') return () => true;
    throw new S3Error(
      'InvalidArgument',
      'A version-id marker cannot be specified without a key marker.',
    );
  }
  if (versionIdMarker === undefined || versionIdMarker === '') {
    return ({ key }) => compareKeys(key, keyMarker) > 0;
  }
  const marker = s3.store.versions.byId(bucket, keyMarker, checkVersionId(versionIdMarker));
  return ({ key, seq }) => key !== keyMarker || marker === undefined || seq < marker.seq;
}

function renderVersion(row: ListedVersion, encode: (name: string) => string): string {
  const identity = [
    leaf('Key', encode(row.key)),
    leaf('VersionId', row.versionId),
    leaf('IsLatest', row.isLatest),
  ].join('');
  return row.isMarker
    ? branch('DeleteMarker', identity, leaf('LastModified', formatTime(row.modifiedAtMs)))
    : branch('Version', identity, renderListed(row));
}
