import { formatTime, parseEncoding, parseLimit, renderPrefixes } from '../protocol/listing-xml.ts';
import { compareKeys, paginate } from '../objects/paginate.ts';
import { effectiveChecksum } from '../objects/parts.ts';
import type { S3Reply, S3Request, S3Service } from '../service.ts';
import type { Upload } from '../store/uploads.ts';
import { branch, leaf, xmlDocument } from '../protocol/xml.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html */
export function listMultipartUploads(s3: S3Service, request: S3Request): S3Reply {
  const { bucket, query } = request;
  s3.store.buckets.get(bucket);
  const encode = parseEncoding(query);
  const limit = parseLimit(query, 'max-uploads');
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const keyMarker = query.get('key-marker') ?? '';
  const idMarker = query.get('upload-id-marker') ?? '';
  const page = paginate<Upload>({
    prefix,
    delimiter,
    after: keyMarker,
    limit,
    open: (fromKey) => s3.store.uploads.from(bucket, fromKey),
    isAfterMarker: ({ key, id }) =>
      keyMarker === '' ||
      compareKeys(key, keyMarker) > 0 ||
      (key === keyMarker && idMarker !== '' && id > idMarker),
  });

  return {
    status: 200,
    xml: xmlDocument(
      'ListMultipartUploadsResult',
      leaf('Bucket', bucket),
      leaf('KeyMarker', encode(keyMarker)),
      leaf('UploadIdMarker', idMarker),
      leaf('NextKeyMarker', page.next === undefined ? undefined : encode(page.next.name)),
      leaf('NextUploadIdMarker', page.next?.row?.id),
      leaf('Prefix', encode(prefix)),
      leaf('Delimiter', delimiter === '' ? undefined : encode(delimiter)),
      leaf('MaxUploads', limit),
      leaf('EncodingType', query.get('encoding-type')),
      leaf('IsTruncated', page.next !== undefined),
      ...page.rows.map((upload) => renderUpload(upload, s3.accountId, encode)),
      renderPrefixes(page.commonPrefixes, encode),
    ),
  };
}

function renderUpload(upload: Upload, accountId: string, encode: (name: string) => string): string {
  const { algorithm, type } = effectiveChecksum(upload);
  return branch(
    'Upload',
    leaf('Key', encode(upload.key)),
    leaf('UploadId', upload.id),
    branch('Initiator', leaf('ID', accountId)),
    branch('Owner', leaf('ID', accountId)),
    leaf('StorageClass', 'STANDARD'),
    leaf('Initiated', formatTime(upload.initiatedAtMs)),
    leaf('ChecksumAlgorithm', algorithm),
    leaf('ChecksumType', type),
  );
}
