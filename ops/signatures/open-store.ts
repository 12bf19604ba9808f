import { S3Client } from '@aws-sdk/client-s3';
import type { Command } from 'commander';
import { s3SignatureStore } from '../../shared/signatures/s3-signature-store.ts';
import type { SignatureStore } from '../../shared/signatures/signature-store.ts';
import { type Context, openContext } from '../context.ts';

/** Runs a command about the published signatures of an installation. */
export async function withStore(
  command: Command,
  work: (store: SignatureStore, context: Context) => Promise<void>,
): Promise<void> {
  const context = await openContext(command);
  const { target } = context;
  const s3 = new S3Client(target.settings('s3'));
  try {
    await work(s3SignatureStore(s3, target.physicalId('SignatureBucket')), context);
  } finally {
    s3.destroy();
  }
}
