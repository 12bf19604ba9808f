import type { S3Client } from '@aws-sdk/client-s3';
import { copyObject } from '../../shared/s3/copy-object.ts';
import { listVersions } from '../../shared/s3/list-versions.ts';
import { OpsError } from '../ops-error.ts';
import { explainDenial, type QuarantinedFile } from './quarantined-files.ts';

export type Buckets = { readonly quarantine: string; readonly inbox: string };

/**
 * Why a quarantined file must not be released; `undefined` when it may. It would arrive as the newest
 * upload of its key, and so would replace what its partner has uploaded since.
 */
export async function findObstacle(
  s3: S3Client,
  { inbox }: Buckets,
  { key, uploadedAt, quarantinedAt }: QuarantinedFile,
): Promise<string | undefined> {
  // S3 records whole seconds. The quarantined upload itself has been removed from the inbox.
  const since = Math.floor(Date.parse(uploadedAt ?? quarantinedAt) / 1000) * 1000;
  for await (const { versions, deletions } of listVersions(s3, { bucket: inbox, prefix: key })) {
    const newer = [...versions, ...deletions].find(
      (change) => change.key === key && change.storedAt >= since,
    );
    if (newer) {
      const at = new Date(newer.storedAt).toISOString();
      return `its key was uploaded again, or deleted, at ${at}`;
    }
  }
  return undefined;
}

/**
 * Copies a quarantined file back into the inbox, as its sender had uploaded it. It bypasses nothing:
 * the file is processed as a new upload, by today's signatures and policy. The copy in quarantine stays.
 *
 * @param as partner whose policy applies, and who counts as its sender; default: its own
 * @throws OpsError when it must not be released
 */
export async function release(
  s3: S3Client,
  buckets: Buckets,
  file: QuarantinedFile,
  as: string | undefined,
): Promise<void> {
  const { key, versionId, sizeBytes, metadata, contentType } = file;
  const reason = await findObstacle(s3, buckets, file);
  if (reason !== undefined) {
    throw new OpsError(`${key} cannot be released`, {
      why: reason,
      how: 'discard it, or give it to the application yourself',
    });
  }
  const source = { bucket: buckets.quarantine, key, versionId, sizeBytes };
  const copy = {
    bucket: buckets.inbox,
    key,
    metadata: {
      ...metadata,
      // The entry in which the SFTP server records the uploader.
      ...(as !== undefined && {
        'user-agent-id': `${as}@quarantine`,
        'airlock-first-sent-by': metadata['user-agent-id'] ?? 'unknown',
      }),
      'airlock-released-version': versionId,
    },
    contentType,
    tags: {},
  };
  await explainDenial(buckets.quarantine, () => copyObject(s3, source, copy));
}
