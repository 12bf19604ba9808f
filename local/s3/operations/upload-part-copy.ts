import { checksumElement } from '../checksums/checksums.ts';
import { checkCopySize, findCopySource, hashStored, isUnchanged } from '../objects/copy-source.ts';
import { S3Error } from '../protocol/errors.ts';
import { formatTime } from '../protocol/listing-xml.ts';
import { effectiveChecksum, parsePartNumber } from '../objects/parts.ts';
import { putPart } from '../objects/put-part.ts';
import { parseCopyRange } from '../protocol/range.ts';
import type { S3Reply, S3Request, S3Service } from '../service.ts';
import { sliceExtents } from '../store/contents.ts';
import { leaf, xmlDocument } from '../protocol/xml.ts';

/**
 * Makes a range of an object a part. The bytes are read for their digests, but not copied.
 *
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPartCopy.html
 */
export async function uploadPartCopy(s3: S3Service, request: S3Request): Promise<S3Reply> {
  const { store } = s3;
  const uploadId = request.query.get('uploadId') ?? '';
  const number = parsePartNumber(request.query.get('partNumber') ?? '');
  store.buckets.get(request.bucket);
  const upload = store.uploads.get(request.bucket, request.key, uploadId);
  const { algorithm } = effectiveChecksum(upload);
  const source = findCopySource(s3, request);
  const { start, end } = copiedRange(request, source.version.sizeBytes);
  checkCopySize(end - start);

  const extents = sliceExtents(store.contents.read(source.version.content), start, end);
  using reader = store.blobs.read(extents);
  const digests = await hashStored(reader, [algorithm]);
  // The source was replaced while it was read: start again.
  if (!isUnchanged(s3, source.version)) return uploadPartCopy(s3, request);
  const part = putPart(s3, upload, { ...digests, number, sizeBytes: end - start, extents });

  return {
    status: 200,
    headers: source.headers,
    xml: xmlDocument(
      'CopyPartResult',
      leaf('ETag', `"${part.etag}"`),
      leaf('LastModified', formatTime(part.modifiedAtMs)),
      leaf(checksumElement(algorithm), part.checksums.get(algorithm)),
    ),
  };
}

function copiedRange(
  request: S3Request,
  sizeBytes: number,
): { readonly start: number; readonly end: number } {
  const header = request.headers.get('x-amz-copy-source-range');
  if (header === undefined) return { start: 0, end: sizeBytes };
  const range = parseCopyRange(header, sizeBytes);
  if (range !== undefined) return range;
  throw new S3Error(
    'InvalidArgument',
    `Range specified is not valid for source object of size: ${sizeBytes}`,
    { details: { ArgumentName: 'x-amz-copy-source-range', ArgumentValue: header } },
  );
}
