/** The object to be, as S3 is told. */
export type UploadTarget = {
  readonly bucket: string;
  readonly key: string;
  readonly metadata: Readonly<Record<string, string>>;
};

export const CONTENT_TYPE = 'application/octet-stream';

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
