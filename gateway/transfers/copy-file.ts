import { CopyObjectCommand } from '@aws-sdk/client-s3';
import { encodeCopySource } from '../../shared/s3/copy-source.ts';
import { MAX_COPY_BYTES } from '../../shared/s3/part-ranges.ts';
import type { ObjectStore } from '../storage/guarded-store.ts';
import type { Address, StoredFile } from '../storage/objects.ts';
import { crc32Base64 } from '../storage/crc32.ts';
import { conditionHeaders, type WriteCondition } from '../storage/write-condition.ts';
import { MultipartObject } from './upload/multipart-object.ts';
import { copyAsParts } from './upload/resume.ts';

/** Copies a file of any size inside S3, with its metadata. @returns the copy's ETag */
export async function copyFile(
  s3: ObjectStore,
  file: StoredFile,
  to: Address,
  condition: WriteCondition | undefined,
): Promise<string | undefined> {
  if (file.sizeBytes > MAX_COPY_BYTES) return copyInParts(s3, file, to, condition);
  const { CopyObjectResult } = await s3.send(
    new CopyObjectCommand({
      Bucket: to.bucket,
      Key: to.key,
      CopySource: encodeCopySource(file),
      ...(file.etag === undefined ? {} : { CopySourceIfMatch: file.etag }),
      ...conditionHeaders(condition),
    }),
  );
  return CopyObjectResult?.ETag;
}

/** Copies an object of any size with its metadata inside S3, completely or not at all. */
export async function copyInParts(
  s3: ObjectStore,
  file: StoredFile,
  { bucket, key }: Address,
  condition?: WriteCondition,
  partBytes = MAX_COPY_BYTES,
): Promise<string | undefined> {
  const target = { bucket, key, metadata: file.metadata };
  const object = new MultipartObject(s3, target, new AbortController().signal);
  try {
    await copyAsParts(object, file, partBytes);
    const checksum = file.crc32 === undefined ? undefined : crc32Base64(file.crc32);
    const { etag } = await object.complete(checksum, condition);
    return etag;
  } catch (error) {
    await object.abort();
    throw error;
  }
}
