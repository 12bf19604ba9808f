import { HeadObjectCommand, type HeadObjectCommandOutput, type S3Client } from '@aws-sdk/client-s3';
import { type Upload, wasDelivered } from '../../shared/inbox/ledger-tags.ts';
import { readTags } from '../../shared/inbox/s3-tags.ts';
import { versionOf } from '../../shared/model/upload-id.ts';
import { copyObject } from '../../shared/s3/copy-object.ts';
import { httpStatusOf } from '../../shared/s3/errors.ts';
import type { Newest } from './newest.ts';

/** What was done with one key. */
export type Redelivery = {
  readonly key: string;
  readonly result: 'put back' | 'would be put back' | 'left alone';
  /** Why it was left alone. */
  readonly reason?: string;
};

/** Names, in the metadata of the new upload, the one that it repeats. */
const REPEATS = 'airlock-repeats-version';

const TIME_MS = 30_000;

/**
 * Delivers the newest upload of a key again, if it was delivered: S3 copies it onto itself, which
 * makes a new upload that is scanned and landed like any other.
 *
 * Removing its mark would not do: only the ingest may write marks in the inbox.
 */
export async function redeliver(
  s3: S3Client,
  { key, upload }: Newest,
  isDryRun: boolean,
): Promise<Redelivery> {
  const leave = (reason: string): Redelivery => ({ key, result: 'left alone', reason });
  if (upload === undefined) return leave('the inbox has no such key');
  const tags = await readTags(s3, upload, AbortSignal.timeout(TIME_MS));
  if (!wasDelivered(upload, tags)) return leave('its newest upload was not delivered');
  const head = await headOf(s3, upload);
  if (head === undefined) return leave('you may not read it: only clean files can be read');
  if (isDryRun) return { key, result: 'would be put back' };
  const { ContentLength: sizeBytes = 0, ContentType: contentType, Metadata } = head;
  await copyObject(
    s3,
    { ...upload, sizeBytes },
    {
      bucket: upload.bucket,
      key,
      // They name the uploader; and S3 copies an object onto itself only if something changes.
      metadata: { ...Metadata, [REPEATS]: versionOf(upload) },
      contentType,
      // Copying tags counts as writing marks, which the bucket allows only to the ingest.
      tags: {},
    },
  );
  return { key, result: 'put back' };
}

/** `undefined` when reading it is not allowed. */
async function headOf(s3: S3Client, upload: Upload): Promise<HeadObjectCommandOutput | undefined> {
  const { bucket, key, versionId } = upload;
  try {
    const command = new HeadObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId });
    return await s3.send(command);
  } catch (error) {
    if (httpStatusOf(error) === 403) return undefined;
    throw error;
  }
}
