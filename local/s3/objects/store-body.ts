import type { ChecksumAlgorithm } from '../checksums/checksums.ts';
import { asS3Error, S3Error } from '../protocol/errors.ts';
import type { Payload } from '../protocol/payload.ts';
import type { ReceivedBody } from '../protocol/receive-body.ts';
import { receiveBody } from '../protocol/receive-body.ts';
import type { S3Request, S3Service } from '../service.ts';
import type { Extent } from '../store/contents.ts';

export type StoredBody = ReceivedBody & { readonly extents: readonly Extent[] };

/**
 * Streams a request's body to disk, then calls `commit` to refer to it. The bytes are verified and flushed before that;
 * after a failure they are removed.
 */
export async function storeBody<T>(
  s3: S3Service,
  request: S3Request,
  payload: Payload,
  compute: readonly ChecksumAlgorithm[],
  commit: (body: StoredBody) => T,
): Promise<T> {
  const writer = s3.store.blobs.create();
  let body: StoredBody;
  try {
    const received = await receiveBody(
      request.stream,
      payload,
      (chunk) => writer.write(chunk),
      compute,
    );
    body = { ...received, extents: await writer.finish() };
  } catch (error) {
    await writer.discard();
    throw error;
  }
  try {
    return commit(body);
  } catch (error) {
    // After a refusal or a full disk nothing was committed. After any other error the commit may have happened, so the
    // blob is left to the sweep at the next start.
    if (asS3Error(error).code !== 'InternalError') await writer.discard();
    throw error;
  }
}

const MAX_XML_BYTES = 8 * 1024 * 1024;

/** Reads a request document; verified like an object's body. */
export async function receiveText(request: S3Request, payload: Payload): Promise<string> {
  if (payload.sizeBytes > MAX_XML_BYTES) {
    throw new S3Error('EntityTooLarge', 'The request document is too large.');
  }
  const chunks: Buffer[] = [];
  await receiveBody(request.stream, payload, (chunk) => {
    chunks.push(chunk);
    return undefined;
  });
  return Buffer.concat(chunks).toString();
}
