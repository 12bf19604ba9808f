import { GetObjectTaggingCommand, type S3Client } from '@aws-sdk/client-s3';
import type { Tags } from '../model/arrival.ts';
import type { Upload } from './ledger-tags.ts';

/** The tags of one version as they are now. @throws the SDK's error, also for a missing version */
export async function readTags(
  s3: S3Client,
  { bucket, key, versionId }: Upload,
  signal: AbortSignal,
): Promise<Tags> {
  const { TagSet = [] } = await s3.send(
    new GetObjectTaggingCommand({ Bucket: bucket, Key: key, VersionId: versionId }),
    { abortSignal: signal },
  );
  return Object.fromEntries(TagSet.map(({ Key, Value }) => [Key, Value ?? '']));
}
