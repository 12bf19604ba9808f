import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  UploadPartCommand,
  type CompletedPart,
  type S3Client,
} from '@aws-sdk/client-s3';
import { failure } from '../status.ts';
import { CONTENT_TYPE, type UploadTarget } from './target.ts';

/** S3 must not keep a server that is shutting down waiting. */
const ABORT_TIMEOUT_MS = 1_500;

/**
 * An object sent in parts, each with a CRC32 that S3 verifies on arrival and again on completion.
 *
 * The signal stops parts, but neither creation nor completion: cut off in the middle, it would be
 * unknown whether there is an upload to abort, or an object already.
 */
export class MultipartObject {
  readonly #s3: S3Client;
  readonly #target: UploadTarget;
  readonly #signal: AbortSignal;
  readonly #parts: CompletedPart[] = [];
  readonly #uploadId: Promise<string>;
  #completion: Promise<void> | undefined;

  constructor(s3: S3Client, target: UploadTarget, signal: AbortSignal) {
    this.#s3 = s3;
    this.#target = target;
    this.#signal = signal;
    this.#uploadId = this.#create();
    // Whoever sends a part sees the rejection; until then it must not count as unhandled.
    this.#uploadId.catch(() => {});
  }

  async sendPart(partNumber: number, body: Buffer): Promise<void> {
    const request = {
      ...(await this.#address()),
      PartNumber: partNumber,
      Body: body,
      ChecksumAlgorithm: 'CRC32',
    } as const;
    this.#signal.throwIfAborted();
    const sent = await this.#s3.send(new UploadPartCommand(request), {
      abortSignal: this.#signal,
    });
    const { ETag, ChecksumCRC32 } = sent;
    this.#parts.push({
      PartNumber: partNumber,
      ...(ETag === undefined ? {} : { ETag }),
      ...(ChecksumCRC32 === undefined ? {} : { ChecksumCRC32 }),
    });
  }

  async complete(): Promise<void> {
    this.#completion ??= this.#complete();
    await this.#completion;
  }

  /** Never rejects: what a failed abort leaves behind, a lifecycle rule of the bucket removes. */
  async abort(): Promise<void> {
    const isStored = await this.#completion?.then(
      () => true,
      () => false,
    );
    if (isStored === true) return;
    try {
      await this.#s3.send(new AbortMultipartUploadCommand(await this.#address()), {
        abortSignal: AbortSignal.timeout(ABORT_TIMEOUT_MS),
      });
    } catch {
      // Nothing was created, or S3 cannot be reached.
    }
  }

  async #create(): Promise<string> {
    const { bucket, key, metadata } = this.#target;
    const { UploadId } = await this.#s3.send(
      new CreateMultipartUploadCommand({
        Bucket: bucket,
        Key: key,
        ContentType: CONTENT_TYPE,
        Metadata: { ...metadata },
        ChecksumAlgorithm: 'CRC32',
      }),
    );
    if (UploadId === undefined) throw failure('the storage gave no upload id');
    return UploadId;
  }

  async #complete(): Promise<void> {
    await this.#s3.send(
      new CompleteMultipartUploadCommand({
        ...(await this.#address()),
        MultipartUpload: { Parts: this.#parts },
      }),
    );
  }

  async #address(): Promise<{ Bucket: string; Key: string; UploadId: string }> {
    const { bucket, key } = this.#target;
    return { Bucket: bucket, Key: key, UploadId: await this.#uploadId };
  }
}
