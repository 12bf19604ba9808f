import { S3Client } from '@aws-sdk/client-s3';
import type { Command } from 'commander';
import { type Context, openContext } from '../context.ts';
import type { Buckets } from './release.ts';

/** Runs a command about the quarantine of an installation. */
export async function withBuckets(
  command: Command,
  work: (s3: S3Client, buckets: Buckets, context: Context) => Promise<void>,
): Promise<void> {
  const context = await openContext(command);
  const { target } = context;
  const s3 = new S3Client(target.settings('s3'));
  const buckets = {
    quarantine: target.physicalId('QuarantineBucket'),
    inbox: target.physicalId('InboxBucket'),
  };
  try {
    await work(s3, buckets, context);
  } finally {
    s3.destroy();
  }
}
