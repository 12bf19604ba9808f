import { checksumHeader } from '../checksums/checksums.ts';
import { S3Error } from '../protocol/errors.ts';
import { encryptionHeaders } from '../protocol/object-headers.ts';
import { effectiveChecksum, parsePartNumber } from '../objects/parts.ts';
import type { Payload } from '../protocol/payload.ts';
import { parsePayload } from '../protocol/payload.ts';
import { putPart } from '../objects/put-part.ts';
import type { S3Reply, S3Request, S3Service } from '../service.ts';
import { storeBody } from '../objects/store-body.ts';
import type { Upload } from '../store/uploads.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPart.html */
export async function uploadPart(s3: S3Service, request: S3Request): Promise<S3Reply> {
  const uploadId = request.query.get('uploadId') ?? '';
  const number = parsePartNumber(request.query.get('partNumber') ?? '');
  s3.store.buckets.get(request.bucket);
  const upload = s3.store.uploads.get(request.bucket, request.key, uploadId);
  const payload = parsePayload(request.headers);
  checkAlgorithm(upload, payload);

  const stored = effectiveChecksum(upload).algorithm;
  const part = await storeBody(s3, request, payload, [stored], (body) =>
    putPart(s3, upload, { ...body, number, sizeBytes: payload.sizeBytes }),
  );

  const reported = payload.checksum?.algorithm ?? stored;
  return {
    status: 200,
    headers: {
      etag: `"${part.etag}"`,
      [checksumHeader(reported)]: part.checksums.get(reported) ?? '',
      ...encryptionHeaders(upload.headers),
    },
  };
}

/** Parts need the checksum that the upload was created with; only a full-object one may be left to S3. */
function checkAlgorithm({ checksum }: Upload, payload: Payload): void {
  if (checksum === undefined) return;
  const actual = payload.checksum?.algorithm;
  if (actual === checksum.algorithm) return;
  if (actual === undefined && checksum.type === 'FULL_OBJECT') return;
  throw new S3Error(
    'InvalidRequest',
    `Checksum Type mismatch occurred, expected checksum Type: ${checksum.algorithm.toLowerCase()}, actual checksum Type: ${actual?.toLowerCase() ?? 'null'}`,
  );
}
