import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { CONTENT_TYPE, type UploadTarget } from './target.ts';

/** Stores an object of one piece; the SDK adds a CRC32 that S3 verifies. */
export async function putObject(
  s3: S3Client,
  { bucket, key, metadata }: UploadTarget,
  body: Buffer,
  signal: AbortSignal,
): Promise<void> {
  await s3.send(
    new PutObjectCommand({
      Bucket: bucket,
      Key: key,
      Body: body,
      ContentType: CONTENT_TYPE,
      Metadata: { ...metadata },
    }),
    { abortSignal: signal },
  );
}
