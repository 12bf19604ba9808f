import {
  type $Command,
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
  type S3ClientResolvedConfig,
  type ServiceInputTypes,
  type ServiceOutputTypes,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { permissionDenied } from '../protocol/status.ts';
import type { Access, Permits } from '../../shared/identity/session/session-permits.ts';

/** The part of the S3 client that a session uses. */
export interface ObjectStore {
  send<I extends ServiceInputTypes, O extends ServiceOutputTypes>(
    command: $Command<I, O, S3ClientResolvedConfig>,
    options?: { readonly abortSignal?: AbortSignal },
  ): Promise<O>;
}

/**
 * S3 restricted by a session's policy, which is evaluated for each call just before it is made. Commands
 * that this file does not know are refused.
 *
 * Calls reject with SftpFailure (permission denied).
 */
export function guardedStore(s3: S3Client, permits: Permits): ObjectStore {
  return {
    async send(command, options) {
      const accesses = accessesOf(command);
      if (accesses === undefined || !accesses.every(permits)) throw permissionDenied();
      return s3.send(command, options);
    },
  };
}

function accessesOf(command: unknown): readonly Access[] | undefined {
  if (command instanceof GetObjectCommand || command instanceof HeadObjectCommand) {
    return [access('s3:GetObject', command.input)];
  }
  if (command instanceof ListObjectsV2Command) {
    const { Bucket, Prefix = '' } = command.input;
    return [{ action: 's3:ListBucket', resource: arn(Bucket), prefix: Prefix }];
  }
  if (command instanceof DeleteObjectCommand) {
    return [access('s3:DeleteObject', command.input), ...comparing(command.input)];
  }
  if (command instanceof CopyObjectCommand || command instanceof UploadPartCopyCommand) {
    const { CopySource = '' } = command.input;
    return [
      { action: 's3:GetObject', resource: copied(CopySource) },
      access('s3:PutObject', command.input),
      ...comparing(command.input),
    ];
  }
  if (
    command instanceof PutObjectCommand ||
    command instanceof CreateMultipartUploadCommand ||
    command instanceof UploadPartCommand ||
    command instanceof CompleteMultipartUploadCommand
  ) {
    return [access('s3:PutObject', command.input), ...comparing(command.input)];
  }
  // Only uploads begun under this policy can be aborted, and that must always be possible.
  return command instanceof AbortMultipartUploadCommand ? [] : undefined;
}

/**
 * A request that compares the object with an ETag needs the permission to read it.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-deletes.html
 */
function comparing(input: {
  Bucket: string | undefined;
  Key: string | undefined;
  IfMatch?: string | undefined;
}): readonly Access[] {
  return input.IfMatch === undefined ? [] : [access('s3:GetObject', input)];
}

function access(
  action: string,
  { Bucket, Key }: { Bucket: string | undefined; Key: string | undefined },
): Access {
  return { action, resource: arn(Bucket, Key ?? '') };
}

function arn(bucket: string | undefined, key?: string): string {
  return `arn:aws:s3:::${bucket ?? ''}${key === undefined ? '' : `/${key}`}`;
}

/** A copy names its source URL-encoded, perhaps with a version; see `encodeCopySource`. */
function copied(source: string): string {
  return `arn:aws:s3:::${decodeURIComponent(source.replace(/\?versionId=.*$/, ''))}`;
}
