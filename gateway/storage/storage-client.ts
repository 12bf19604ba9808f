import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';

/** The SDK would print interrupted uploads of parts to the console; they are in our log. */
const SILENT = { debug() {}, info() {}, warn() {}, error() {} };

/** An S3 client tuned for this server's uploads and downloads. */
export function createStorageClient(config: S3ClientConfig): S3Client {
  return new S3Client({
    ...config,
    // `Expect: 100-continue` would cost a round trip for each part, and prevent reuse of the connection.
    expectContinueHeader: false,
    logger: SILENT,
  });
}
