import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  type S3Client,
  S3ServiceException,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import type { PinnedObject } from '../model/arrival.ts';
import { IngestError } from '../model/ingest-error.ts';
import { describeError } from '../platform/errors.ts';
import { versionOf } from '../model/upload-id.ts';
import { evidenceMetadata, SOURCE_VERSION } from './evidence.ts';
import type { Quarantine } from './quarantine.ts';

/** CopyObject's limit. https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html */
const MAX_SINGLE_COPY_BYTES = 5 * 1024 ** 3;
/** 10,000 parts of this size are more than the largest object S3 holds. */
const PART_BYTES = 1024 ** 3;

/** Keeps objects in the quarantine bucket, copied by S3 itself: the bytes never pass through us. */
export function s3Quarantine(s3: S3Client, bucket: string): Quarantine {
  return {
    async keep(object, evidence, signal) {
      const copy = {
        Bucket: bucket,
        Key: object.key,
        Metadata: evidenceMetadata(object, evidence),
        ContentType: object.contentType,
        Tagging: new URLSearchParams({ 'scan-status': evidence.verdict }).toString(),
      };
      try {
        if (await isKept(s3, bucket, object, signal)) return;
        if (object.sizeBytes > MAX_SINGLE_COPY_BYTES) await copyInParts(s3, object, copy, signal);
        else await copyAtOnce(s3, object, copy, signal);
      } catch (error) {
        const why = `copying to the quarantine bucket: ${describeError(error)}`;
        throw new IngestError('QUARANTINE_UNAVAILABLE', why, { cause: error });
      }
    },
  };
}

type Copy = {
  readonly Bucket: string;
  readonly Key: string;
  readonly Metadata: Record<string, string>;
  readonly ContentType: string | undefined;
  readonly Tagging: string;
};

/** True when an earlier, interrupted try has already made the copy. */
async function isKept(
  s3: S3Client,
  bucket: string,
  object: PinnedObject,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    const head = new HeadObjectCommand({ Bucket: bucket, Key: object.key });
    const { Metadata } = await s3.send(head, { abortSignal: signal });
    return Metadata?.[SOURCE_VERSION] === versionOf(object);
  } catch (error) {
    if (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 404) return false;
    throw error;
  }
}

async function copyAtOnce(
  s3: S3Client,
  object: PinnedObject,
  copy: Copy,
  signal: AbortSignal,
): Promise<void> {
  const command = new CopyObjectCommand({
    ...copy,
    CopySource: copySource(object),
    MetadataDirective: 'REPLACE',
    TaggingDirective: 'REPLACE',
  });
  await s3.send(command, { abortSignal: signal });
}

async function copyInParts(
  s3: S3Client,
  object: PinnedObject,
  copy: Copy,
  signal: AbortSignal,
): Promise<void> {
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand(copy), {
    abortSignal: signal,
  });
  const upload = { Bucket: copy.Bucket, Key: copy.Key, UploadId };
  try {
    const parts: CompletedPart[] = [];
    for (let start = 0; start < object.sizeBytes; start += PART_BYTES) {
      const end = Math.min(start + PART_BYTES, object.sizeBytes) - 1;
      const part = new UploadPartCopyCommand({
        ...upload,
        PartNumber: parts.length + 1,
        CopySource: copySource(object),
        CopySourceRange: `bytes=${start}-${end}`,
      });
      const { CopyPartResult } = await s3.send(part, { abortSignal: signal });
      parts.push({ ETag: CopyPartResult?.ETag, PartNumber: parts.length + 1 });
    }
    const complete = { ...upload, MultipartUpload: { Parts: parts } };
    await s3.send(new CompleteMultipartUploadCommand(complete), { abortSignal: signal });
  } catch (error) {
    // The bucket's lifecycle rule removes what even this cannot.
    await s3.send(new AbortMultipartUploadCommand(upload)).catch(() => {});
    throw error;
  }
}

function copySource(object: PinnedObject): string {
  const path = [object.bucket, ...object.key.split('/')].map(encodeURIComponent).join('/');
  return object.versionId === undefined ? path : `${path}?versionId=${object.versionId}`;
}
