import { CopyObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { OpsError } from '../ops-error.ts';
import { versionPages } from '../versions.ts';
import { explained, type Kept } from './quarantined-files.ts';

/** CopyObject's limit. https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html */
const MAX_COPY_BYTES = 5 * 1024 ** 3;

export type Buckets = { readonly quarantine: string; readonly inbox: string };

/**
 * Why a kept file must not go back; `undefined` when it may. It would arrive as the newest upload of
 * its key, and so would replace what its partner has uploaded since.
 */
export async function whyNot(
  s3: S3Client,
  { inbox }: Buckets,
  kept: Kept,
): Promise<string | undefined> {
  if (kept.sizeBytes > MAX_COPY_BYTES) return 'it is larger than the 5 GiB that S3 copies at once';
  const since = kept.uploadedAt ?? kept.keptAt;
  for await (const page of versionPages(s3, inbox, kept.key)) {
    const changes = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])];
    // S3 tells whole seconds. What was kept away has left the inbox, so nothing there is itself.
    const newer = changes.find(
      ({ Key, LastModified }) =>
        Key === kept.key &&
        Math.floor((LastModified?.getTime() ?? 0) / 1000) >= Math.floor(Date.parse(since) / 1000),
    );
    if (newer)
      return `its key was uploaded again, or deleted, at ${newer.LastModified?.toISOString()}`;
  }
  return undefined;
}

/**
 * Puts a kept file back into the inbox, as its sender had uploaded it. That is no bypass: it arrives
 * once more, and is judged by today's signatures and policy. The copy in quarantine stays.
 *
 * @param as partner by whose policy it is judged, and who counts as its sender; default: its own
 * @throws OpsError when it must not go back
 */
export async function release(
  s3: S3Client,
  buckets: Buckets,
  kept: Kept,
  as: string | undefined,
): Promise<void> {
  const { key, versionId, metadata, contentType } = kept;
  const reason = await whyNot(s3, buckets, kept);
  if (reason !== undefined) {
    throw new OpsError(`${key} does not go back`, {
      why: reason,
      how: 'discard it, or give it to the application yourself',
    });
  }
  const path = [buckets.quarantine, ...key.split('/')].map(encodeURIComponent).join('/');
  const command = new CopyObjectCommand({
    Bucket: buckets.inbox,
    Key: key,
    CopySource: `${path}?versionId=${versionId}`,
    MetadataDirective: 'REPLACE',
    Metadata: {
      ...metadata,
      // Where the SFTP server says who uploads.
      ...(as !== undefined && {
        'user-agent-id': `${as}@quarantine`,
        'airlock-first-sent-by': metadata['user-agent-id'] ?? 'unknown',
      }),
      'airlock-released-version': versionId,
    },
    ContentType: contentType,
    TaggingDirective: 'REPLACE',
  });
  await explained(buckets.quarantine, () => s3.send(command));
}
