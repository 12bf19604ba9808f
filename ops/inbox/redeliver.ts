import {
  CopyObjectCommand,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { readTags } from '../../shared/inbox/s3-tags.ts';
import { type Upload, wasDelivered } from '../../shared/inbox/ledger-tags.ts';
import type { Newest } from './newest.ts';

/** What became of one key. */
export type Relanded = {
  readonly key: string;
  readonly result: 'put back' | 'would be put back' | 'left alone';
  /** Why it was left alone. */
  readonly reason?: string;
};

/** Names, in the metadata of the new upload, the one that it repeats. */
const REPEATS = 'airlock-repeats-version';

const TIME_MS = 30_000;

/**
 * Makes the newest upload of a key arrive once more, if it was delivered: S3 copies it onto itself,
 * which is an upload like any other, scanned anew and landed over whatever is there.
 *
 * Not by taking its mark away: nobody but the ingest may write marks in the inbox.
 */
export async function reland(
  s3: S3Client,
  { key, upload }: Newest,
  isDryRun: boolean,
): Promise<Relanded> {
  const leave = (reason: string): Relanded => ({ key, result: 'left alone', reason });
  if (upload === undefined) return leave('the inbox has no such key');
  const tags = await readTags(s3, upload, AbortSignal.timeout(TIME_MS));
  if (!wasDelivered(upload, tags)) return leave('its newest upload was not delivered');
  const head = await headOf(s3, upload);
  if (head === undefined) return leave('you may not read it: the inbox shows clean files alone');
  if (isDryRun) return { key, result: 'would be put back' };
  await copyOntoItself(s3, upload, head);
  return { key, result: 'put back' };
}

/** `undefined` when the bucket does not let us see it. */
async function headOf(s3: S3Client, upload: Upload): Promise<HeadObjectCommandOutput | undefined> {
  const { bucket, key, versionId } = upload;
  try {
    const command = new HeadObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId });
    return await s3.send(command);
  } catch (error) {
    if (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 403) {
      return undefined;
    }
    throw error;
  }
}

async function copyOntoItself(
  s3: S3Client,
  { bucket, key, versionId, etag }: Upload,
  { Metadata, ContentType }: HeadObjectCommandOutput,
): Promise<void> {
  const path = [bucket, ...key.split('/')].map(encodeURIComponent).join('/');
  await s3.send(
    new CopyObjectCommand({
      Bucket: bucket,
      Key: key,
      CopySource: versionId === undefined ? path : `${path}?versionId=${versionId}`,
      // Who uploaded it is in there; and without a change S3 copies nothing onto itself.
      MetadataDirective: 'REPLACE',
      Metadata: { ...Metadata, [REPEATS]: versionId ?? etag },
      ContentType,
      // Copying the tags would be marking, which the bucket allows to nobody but the ingest.
      TaggingDirective: 'REPLACE',
    }),
  );
}
