/** The object to be, as S3 is told. */
export type UploadTarget = {
  readonly bucket: string;
  readonly key: string;
  readonly metadata: Readonly<Record<string, string>>;
};

/** An object that has been stored, as S3 described it. */
export type StoredUpload = { readonly etag: string | undefined };

export const CONTENT_TYPE = 'application/octet-stream';

/** The name rclone gives to the same thing, in the same unit: seconds. */
export const MODIFIED_AT = 'mtime';

/**
 * Who uploaded, in the words of AWS Transfer Family, so that everything behind the bucket reads one format.
 *
 * @see https://docs.aws.amazon.com/transfer/latest/userguide/requirements-roles.html
 */
export function uploadMetadata(username: string, serverId: string): Record<string, string> {
  // A header takes ASCII only.
  const name = /^[\x21-\x7e]+$/.test(username) ? username : encodeURIComponent(username);
  return { 'user-agent': 'AWSTransfer', 'user-agent-id': `${name}@${serverId}` };
}

/** Epoch milliseconds. @returns undefined when the metadata does not tell */
export function keptModifiedAt(metadata: Record<string, string> | undefined): number | undefined {
  const seconds = metadata?.[MODIFIED_AT];
  return seconds !== undefined && /^\d{1,10}(\.\d+)?$/.test(seconds)
    ? Number(seconds) * 1000
    : undefined;
}
