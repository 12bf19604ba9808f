import { PutObjectCommand } from '@aws-sdk/client-s3';
import type { ObjectStore } from '../../storage/guarded-store.ts';
import { withAttempts } from './attempts.ts';
import type { Part } from './part.ts';
import { CONTENT_TYPE, type StoredUpload, type UploadTarget } from '../../storage/target.ts';

/** Stores an object in one request; S3 verifies it against the checksum of the received bytes. */
export async function putObject(
  s3: ObjectStore,
  { bucket, key, metadata }: UploadTarget,
  part: Part,
  checksum: string | undefined,
  signal: AbortSignal,
): Promise<StoredUpload> {
  const send = () =>
    s3.send(
      new PutObjectCommand({
        Bucket: bucket,
        Key: key,
        Body: part.body(),
        ContentLength: part.sizeBytes,
        ContentType: CONTENT_TYPE,
        Metadata: { ...metadata },
        ...(checksum === undefined ? {} : { ChecksumCRC32: checksum }),
      }),
      { abortSignal: signal },
    );
  const { ETag } = await withAttempts(send, signal);
  return { etag: ETag };
}
