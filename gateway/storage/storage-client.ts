import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';

/** The SDK would print to the console when a connection is cut in the middle of a part; our log has it. */
const SILENT = { debug() {}, info() {}, warn() {}, error() {} };

/** An S3 client for uploads and downloads as this server does them. */
export function createStorageClient(config: S3ClientConfig): S3Client {
  return new S3Client({
    ...config,
    // Asking whether a part may come costs a round trip for each, and a connection that is used once.
    expectContinueHeader: false,
    logger: SILENT,
  });
}
