import { createHash } from 'node:crypto';
import * as v from 'valibot';
import type { Checksum } from '../checksums/checksums.ts';
import { checksumElement, checksumHeader } from '../checksums/checksums.ts';
import { combineChecksums } from '../checksums/combine-checksums.ts';
import { S3Error } from '../protocol/errors.ts';
import { versionHeaders } from '../objects/find-version.ts';
import { encryptionHeaders } from '../protocol/object-headers.ts';
import { effectiveChecksum, MIN_PART_BYTES, parsePartNumber } from '../objects/parts.ts';
import { parsePayload } from '../protocol/payload.ts';
import { publishCreated, putVersion } from '../objects/put-version.ts';
import type { S3Reply, S3Request, S3Service } from '../service.ts';
import { receiveText } from '../objects/store-body.ts';
import type { Part, Upload } from '../store/uploads.ts';
import { leaf, parseXml, xmlDocument } from '../protocol/xml.ts';

const Text = v.optional(v.string());
const ListedPart = v.object({
  PartNumber: v.string(),
  ETag: v.string(),
  ChecksumCRC32: Text,
  ChecksumCRC32C: Text,
  ChecksumCRC64NVME: Text,
  ChecksumSHA1: Text,
  ChecksumSHA256: Text,
});
type ListedPart = v.InferOutput<typeof ListedPart>;
const CompleteDocument = v.object({
  CompleteMultipartUpload: v.object({ Part: v.pipe(v.array(ListedPart), v.minLength(1)) }),
});

/**
 * Combines parts into an object without copying: its content is the extents of its parts.
 *
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html
 */
export async function completeMultipartUpload(s3: S3Service, request: S3Request): Promise<S3Reply> {
  const { store } = s3;
  store.buckets.get(request.bucket);
  const document = parseXml(
    await receiveText(request, parsePayload(withoutObjectChecksums(request.headers))),
    CompleteDocument,
  );

  const uploadId = request.query.get('uploadId') ?? '';
  const { upload, written } = store.commit((release) => {
    const found = store.uploads.get(request.bucket, request.key, uploadId);
    const stored = new Map(store.uploads.parts(found).map((part) => [part.number, part]));
    const parts = selectParts(found, stored, document.CompleteMultipartUpload.Part);
    const sizeBytes = parts.reduce((sum, part) => sum + part.sizeBytes, 0);
    const checksum = checksumOf(found, parts);
    checkExpectations(request.headers, sizeBytes, checksum);
    const extents = parts.flatMap((part) => store.contents.read(part.content));
    const { headers, metadata, tags } = found;
    const etag = etagOf(parts);
    const draft = { headers, metadata, tags, sizeBytes, etag, checksum };
    const put = putVersion(store, release, request, { extents }, draft);
    for (const content of store.uploads.remove(found)) release(content);
    return { upload: found, written: put };
  });

  publishCreated(s3, request, written, 'CompleteMultipartUpload');
  const { version } = written;
  const { checksum } = version;
  const host = request.headers.get('host') ?? '';
  return {
    status: 200,
    headers: {
      ...encryptionHeaders(upload.headers),
      ...versionHeaders(written.bucket, version),
    },
    xml: xmlDocument(
      'CompleteMultipartUploadResult',
      leaf('Location', `http://${host}/${version.bucket}/${encodeURIComponent(version.key)}`),
      leaf('Bucket', version.bucket),
      leaf('Key', version.key),
      leaf('ETag', `"${version.etag}"`),
      checksum === undefined ? '' : leaf(checksumElement(checksum.algorithm), checksum.value),
      leaf('ChecksumType', checksum?.type),
    ),
  };
}

/** In this request the checksum headers are about the object, not the request body. */
function withoutObjectChecksums(headers: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  return new Map(
    [...headers].filter(
      ([name]) => !name.startsWith('x-amz-checksum-') && name !== 'x-amz-sdk-checksum-algorithm',
    ),
  );
}

function selectParts(
  upload: Upload,
  stored: ReadonlyMap<number, Part>,
  listed: readonly ListedPart[],
): readonly Part[] {
  const numbers = listed.map((item) => parsePartNumber(item.PartNumber.trim()));
  if (numbers.some((number, index) => number <= (numbers[index - 1] ?? 0))) {
    throw new S3Error(
      'InvalidPartOrder',
      'The list of parts was not in ascending order. Parts must be ordered by part number.',
      { details: { UploadId: upload.id } },
    );
  }
  return listed.map((item, index) => {
    const number = numbers[index] ?? 0;
    const part = stored.get(number);
    const etag = item.ETag.trim().replace(/^"(.*)"$/, '$1');
    if (part === undefined || part.etag !== etag) throw invalidPart(upload, number, etag);
    checkPartChecksum(upload, part, item);
    if (index < listed.length - 1 && part.sizeBytes < MIN_PART_BYTES) {
      throw new S3Error(
        'EntityTooSmall',
        'Your proposed upload is smaller than the minimum allowed size',
        {
          details: {
            ProposedSize: String(part.sizeBytes),
            MinSizeAllowed: String(MIN_PART_BYTES),
            PartNumber: String(number),
            ETag: part.etag,
          },
        },
      );
    }
    return part;
  });
}

function checkPartChecksum(upload: Upload, part: Part, listed: ListedPart): void {
  const { algorithm, type } = effectiveChecksum(upload);
  for (const [known, value] of part.checksums) {
    const claimed = listed[`Checksum${known}`];
    if (claimed !== undefined && claimed !== value) {
      throw invalidPart(upload, part.number, part.etag);
    }
  }
  if (type === 'COMPOSITE' && listed[`Checksum${algorithm}`] === undefined) {
    throw new S3Error(
      'InvalidRequest',
      `The upload was created using a ${algorithm.toLowerCase()} checksum. The complete request must include the checksum for each part. It was missing for part ${part.number} in the request.`,
    );
  }
}

function checksumOf(upload: Upload, parts: readonly Part[]): Checksum {
  const { algorithm, type } = effectiveChecksum(upload);
  const value = combineChecksums(
    algorithm,
    type,
    parts.map(({ checksums, sizeBytes }) => ({
      value: checksums.get(algorithm) ?? '',
      sizeBytes,
    })),
  );
  return { algorithm, type, value };
}

/** Checks the request's size and checksum of the finished object. */
function checkExpectations(
  headers: ReadonlyMap<string, string>,
  sizeBytes: number,
  { algorithm, type, value }: Checksum,
): void {
  const size = headers.get('x-amz-mp-object-size');
  if (size !== undefined && size !== String(sizeBytes)) {
    throw new S3Error(
      'InvalidRequest',
      `The provided 'x-amz-mp-object-size' header value ${size} does not match what was computed: ${sizeBytes}`,
    );
  }
  const claimedType = headers.get('x-amz-checksum-type');
  if (claimedType !== undefined && claimedType !== type) {
    throw new S3Error(
      'InvalidRequest',
      `The upload was created using the ${type} checksum mode. The complete request must use the same checksum mode.`,
    );
  }
  const claimed = headers.get(checksumHeader(algorithm));
  // A composite value may be given without its number of parts.
  if (claimed !== undefined && claimed !== value && claimed !== value.replace(/-\d+$/, '')) {
    throw new S3Error(
      'BadDigest',
      `The ${algorithm} you specified did not match the calculated checksum.`,
    );
  }
}

function etagOf(parts: readonly Part[]): string {
  const md5 = createHash('md5');
  for (const { etag } of parts) md5.update(etag, 'hex');
  return `${md5.digest('hex')}-${parts.length}`;
}

function invalidPart(upload: Upload, number: number, etag: string): S3Error {
  return new S3Error(
    'InvalidPart',
    "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
    { details: { UploadId: upload.id, PartNumber: String(number), ETag: etag } },
  );
}
