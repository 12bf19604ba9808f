import type { ChecksumAlgorithm, ChecksumType } from '../checksums/checksums.ts';
import { parseAlgorithm } from '../checksums/checksums.ts';
import { S3Error } from '../protocol/errors.ts';
import { encryptionHeaders, parseDescription } from '../protocol/object-headers.ts';
import type { S3Reply, S3Request, S3Service } from '../service.ts';
import type { Upload } from '../store/uploads.ts';
import { leaf, xmlDocument } from '../protocol/xml.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateMultipartUpload.html */
export function createMultipartUpload(s3: S3Service, request: S3Request): S3Reply {
  const description = parseDescription(request.headers);
  const checksum = parseUploadChecksum(request.headers);
  const upload = s3.store.commit(() => {
    s3.store.buckets.get(request.bucket);
    return s3.store.uploads.add({
      ...description,
      bucket: request.bucket,
      key: request.key,
      checksum,
    });
  });
  const headers: Record<string, string> = encryptionHeaders(upload.headers);
  if (checksum !== undefined) {
    headers['x-amz-checksum-algorithm'] = checksum.algorithm;
    headers['x-amz-checksum-type'] = checksum.type;
  }
  return {
    status: 200,
    headers,
    xml: xmlDocument(
      'InitiateMultipartUploadResult',
      leaf('Bucket', upload.bucket),
      leaf('Key', upload.key),
      leaf('UploadId', upload.id),
    ),
  };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html */
const TYPES: Readonly<Record<ChecksumAlgorithm, readonly [ChecksumType, ...ChecksumType[]]>> = {
  CRC32: ['COMPOSITE', 'FULL_OBJECT'],
  CRC32C: ['COMPOSITE', 'FULL_OBJECT'],
  CRC64NVME: ['FULL_OBJECT'],
  SHA1: ['COMPOSITE'],
  SHA256: ['COMPOSITE'],
};

function parseUploadChecksum(headers: ReadonlyMap<string, string>): Upload['checksum'] {
  const name = headers.get('x-amz-checksum-algorithm');
  const asked = headers.get('x-amz-checksum-type');
  if (name === undefined) {
    if (asked === undefined) return undefined;
    throw new S3Error(
      'InvalidRequest',
      'The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.',
    );
  }
  const algorithm = parseAlgorithm(name);
  const types = TYPES[algorithm];
  const type = asked === undefined ? types[0] : types.find((known) => known === asked);
  if (type !== undefined) return { algorithm, type };
  throw new S3Error(
    'InvalidRequest',
    `The ${asked} checksum type cannot be used with the ${algorithm.toLowerCase()} checksum algorithm.`,
  );
}
