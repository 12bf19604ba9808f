import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  UploadPartCopyCommand,
  type CompletedPart,
} from '@aws-sdk/client-s3';
import { copySource } from './copy-source.ts';
import type { Storage, StoredFile } from './objects.ts';
import { failure } from './status.ts';

const GIB = 1024 ** 3;

/** The largest object that one CopyObject takes. */
export const LARGEST_COPY_BYTES = 5 * GIB;

/** 5 TiB, the largest object there is, makes 5,120 parts of this size; S3 takes 10,000. */
const COPY_PART_BYTES = GIB;

/** Copies an object of any size inside S3, with its metadata; all of it or nothing. */
export async function copyInParts(
  { s3, home }: Storage,
  file: StoredFile,
  key: string,
  partBytes = COPY_PART_BYTES,
): Promise<void> {
  const { bucket } = home;
  const source = { Bucket: bucket, Key: file.key, VersionId: file.versionId };
  const { Metadata, ContentType } = await s3.send(new HeadObjectCommand(source));
  const target = { Bucket: bucket, Key: key };
  const { UploadId } = await s3.send(
    new CreateMultipartUploadCommand({ ...target, Metadata, ContentType }),
  );
  if (UploadId === undefined) throw failure('the storage gave no upload id');
  try {
    const parts: CompletedPart[] = [];
    for (let start = 0; start < file.sizeBytes; start += partBytes) {
      const last = Math.min(start + partBytes, file.sizeBytes) - 1;
      const PartNumber = parts.length + 1;
      const { CopyPartResult } = await s3.send(
        new UploadPartCopyCommand({
          ...target,
          UploadId,
          PartNumber,
          CopySource: copySource(bucket, file),
          CopySourceIfMatch: file.etag,
          CopySourceRange: `bytes=${start}-${last}`,
        }),
      );
      parts.push({ PartNumber, ETag: CopyPartResult?.ETag });
    }
    await s3.send(
      new CompleteMultipartUploadCommand({
        ...target,
        UploadId,
        MultipartUpload: { Parts: parts },
      }),
    );
  } catch (error) {
    await s3.send(new AbortMultipartUploadCommand({ ...target, UploadId })).catch(() => {});
    throw error;
  }
}
