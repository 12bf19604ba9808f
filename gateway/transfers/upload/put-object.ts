import { PutObjectCommand } from '@aws-sdk/client-s3';
import { randomUUID } from 'node:crypto';
import { httpStatusOf } from '../../../shared/s3/errors.ts';
import type { ObjectStore } from '../../storage/guarded-store.ts';
import { findObject } from '../../storage/objects.ts';
import { withAttempts } from './attempts.ts';
import type { Part } from './part.ts';
import { CONTENT_TYPE, type StoredUpload, type UploadTarget } from '../../storage/target.ts';
import { conditionHeaders } from '../../storage/write-condition.ts';

/** Metadata key of a random text, by which a file that must not exist yet is told from one like it. */
const UPLOAD_ID = 'upload-id';

/** Stores an object in one request; S3 verifies it against the checksum of the received bytes. */
export async function putObject(
  s3: ObjectStore,
  target: UploadTarget,
  part: Part,
  checksum: string | undefined,
  signal: AbortSignal,
): Promise<StoredUpload> {
  const { bucket, key, metadata, condition } = target;
  const uploadId = condition?.kind === 'absent' ? randomUUID() : undefined;
  const send = () =>
    s3.send(
      new PutObjectCommand({
        Bucket: bucket,
        Key: key,
        Body: part.body(),
        ContentLength: part.sizeBytes,
        ContentType: CONTENT_TYPE,
        Metadata: { ...metadata, ...(uploadId === undefined ? {} : { [UPLOAD_ID]: uploadId }) },
        ...(checksum === undefined ? {} : { ChecksumCRC32: checksum }),
        ...conditionHeaders(condition),
      }),
      { abortSignal: signal },
    );
  try {
    const { ETag } = await withAttempts(send, signal);
    return { etag: ETag };
  } catch (error) {
    if (httpStatusOf(error) !== 412 || uploadId === undefined) throw error;
    // The answer to a first attempt may have been lost: then the file that exists already is this one.
    const found = await findObject(s3, target).catch(() => undefined);
    if (found?.metadata[UPLOAD_ID] !== uploadId) throw error;
    return { etag: found.etag };
  }
}
