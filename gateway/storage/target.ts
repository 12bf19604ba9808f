import type { WriteCondition } from './write-condition.ts';

/** The object that an upload creates. */
export type UploadTarget = {
  readonly bucket: string;
  readonly key: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** Default: whatever has the key is replaced. */
  readonly condition?: WriteCondition | undefined;
};

/** S3's answer for a stored object. */
export type StoredUpload = { readonly etag: string | undefined };

export const CONTENT_TYPE = 'application/octet-stream';

/** Metadata key of the modification time; name and unit (seconds) are rclone's. */
export const MODIFIED_AT = 'mtime';

/**
 * Names the uploader as AWS Transfer Family does, so that consumers of the bucket read one format.
 *
 * @see https://docs.aws.amazon.com/transfer/latest/userguide/requirements-roles.html
 */
export function uploadMetadata(username: string, serverId: string): Record<string, string> {
  // Header values must be ASCII.
  const name = /^[\x21-\x7e]+$/.test(username) ? username : encodeURIComponent(username);
  return { 'user-agent': 'AWSTransfer', 'user-agent-id': `${name}@${serverId}` };
}

/** Epoch milliseconds; undefined when the metadata has no modification time. */
export function modifiedAtIn(metadata: Record<string, string> | undefined): number | undefined {
  const seconds = metadata?.[MODIFIED_AT];
  return seconds !== undefined && /^\d{1,10}(\.\d+)?$/.test(seconds)
    ? Number(seconds) * 1000
    : undefined;
}
