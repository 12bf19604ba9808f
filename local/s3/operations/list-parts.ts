import { checksumElement } from '../checksums/checksums.ts';
import { formatTime, parseEncoding, parseLimit } from '../protocol/listing-xml.ts';
import { effectiveChecksum } from '../objects/parts.ts';
import type { S3Reply, S3Request, S3Service } from '../service.ts';
import { branch, leaf, xmlDocument } from '../protocol/xml.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListParts.html */
export function listParts(s3: S3Service, request: S3Request): S3Reply {
  const { store } = s3;
  const { query } = request;
  store.buckets.get(request.bucket);
  const upload = store.uploads.get(request.bucket, request.key, query.get('uploadId') ?? '');
  const encode = parseEncoding(query);
  const limit = parseLimit(query, 'max-parts');
  const marker = parseLimitOrZero(query.get('part-number-marker'));
  const { algorithm, type } = effectiveChecksum(upload);
  // One more than the page, to see whether it is the last.
  const found = store.uploads.parts(upload, marker, limit + 1);
  const page = found.slice(0, limit);
  const owner = [leaf('ID', s3.accountId)];
  return {
    status: 200,
    xml: xmlDocument(
      'ListPartsResult',
      leaf('Bucket', upload.bucket),
      leaf('Key', encode(upload.key)),
      leaf('UploadId', upload.id),
      branch('Initiator', ...owner),
      branch('Owner', ...owner),
      leaf('StorageClass', 'STANDARD'),
      leaf('PartNumberMarker', marker),
      leaf('NextPartNumberMarker', page.at(-1)?.number ?? 0),
      leaf('MaxParts', limit),
      leaf('EncodingType', query.get('encoding-type')),
      leaf('IsTruncated', limit > 0 && found.length > limit),
      leaf('ChecksumAlgorithm', algorithm),
      leaf('ChecksumType', type),
      ...page.map((part) =>
        branch(
          'Part',
          leaf('PartNumber', part.number),
          leaf('LastModified', formatTime(part.modifiedAtMs)),
          leaf('ETag', `"${part.etag}"`),
          leaf('Size', part.sizeBytes),
          leaf(checksumElement(algorithm), part.checksums.get(algorithm)),
        ),
      ),
    ),
  };
}

function parseLimitOrZero(text: string | undefined): number {
  return /^\d{1,9}$/.test(text ?? '') ? Number(text) : 0;
}
