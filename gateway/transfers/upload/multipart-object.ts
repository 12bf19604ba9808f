import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
  type CompletedPart,
} from '@aws-sdk/client-s3';
import { encodeCopySource } from '../../../shared/s3/copy-source.ts';
import type { PartRange } from '../../../shared/s3/part-ranges.ts';
import type { ObjectStore } from '../../storage/guarded-store.ts';
import type { StoredFile } from '../../storage/objects.ts';
import { failure } from '../../protocol/status.ts';
import { withAttempts } from './attempts.ts';
import { crc32Base64 } from '../../storage/crc32.ts';
import type { Part } from './part.ts';
import { CONTENT_TYPE, type StoredUpload, type UploadTarget } from '../../storage/target.ts';
import { conditionHeaders, type WriteCondition } from '../../storage/write-condition.ts';

/** Limits how long a server that is shutting down waits for S3. */
const ABORT_TIMEOUT_MS = 1_500;

/**
 * An object sent in parts, each with a CRC-32 that S3 verifies on arrival; on completion S3 compares its
 * own checksum of the whole with ours.
 *
 * The signal stops parts, but neither creation nor completion: interrupted there, it would be unknown
 * whether there is an upload to abort, or an object already.
 */
export class MultipartObject {
  readonly #s3: ObjectStore;
  readonly #target: UploadTarget;
  readonly #signal: AbortSignal;
  readonly #parts: CompletedPart[] = [];
  readonly #uploadId: Promise<string>;
  #sizeBytes = 0;
  #completion: Promise<StoredUpload> | undefined;

  constructor(s3: ObjectStore, target: UploadTarget, signal: AbortSignal) {
    this.#s3 = s3;
    this.#target = target;
    this.#signal = signal;
    this.#uploadId = this.#create();
    // Sending a part handles the rejection; until then it must not count as unhandled.
    this.#uploadId.catch(() => {});
  }

  async sendPart(partNumber: number, part: Part): Promise<void> {
    const request = {
      ...(await this.#address()),
      PartNumber: partNumber,
      ContentLength: part.sizeBytes,
      ChecksumCRC32: crc32Base64(part.checksum),
    };
    this.#signal.throwIfAborted();
    const { ETag } = await withAttempts(
      () =>
        this.#s3.send(new UploadPartCommand({ ...request, Body: part.body() }), {
          abortSignal: this.#signal,
        }),
      this.#signal,
    );
    this.#add(partNumber, ETag, part.sizeBytes);
  }

  /** Copies a range of an existing object as a part, inside S3. */
  async copyPart({ partNumber, start, end }: PartRange, file: StoredFile): Promise<void> {
    const request = {
      ...(await this.#address()),
      PartNumber: partNumber,
      CopySource: encodeCopySource(file),
      CopySourceRange: `bytes=${start}-${end - 1}`,
      ...(file.etag === undefined ? {} : { CopySourceIfMatch: file.etag }),
    };
    this.#signal.throwIfAborted();
    const { CopyPartResult } = await this.#s3.send(new UploadPartCopyCommand(request), {
      abortSignal: this.#signal,
    });
    this.#add(partNumber, CopyPartResult?.ETag, end - start);
  }

  /**
   * @param checksum of the whole, which S3 verifies; undefined when it is not known
   * @param condition checked by S3 at the instant when the object appears
   */
  async complete(
    checksum: string | undefined,
    condition: WriteCondition | undefined,
  ): Promise<StoredUpload> {
    this.#completion ??= this.#complete(checksum, condition);
    return this.#completion;
  }

  /** Never rejects: after a failed abort, a lifecycle rule of the bucket removes the parts. */
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

  #add(partNumber: number, etag: string | undefined, sizeBytes: number): void {
    this.#parts.push({ PartNumber: partNumber, ...(etag === undefined ? {} : { ETag: etag }) });
    this.#sizeBytes += sizeBytes;
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
        ChecksumType: 'FULL_OBJECT',
      }),
    );
    if (UploadId === undefined) throw failure('the storage gave no upload id');
    return UploadId;
  }

  async #complete(
    checksum: string | undefined,
    condition: WriteCondition | undefined,
  ): Promise<StoredUpload> {
    const { ETag, ChecksumCRC32 } = await this.#s3.send(
      new CompleteMultipartUploadCommand({
        ...(await this.#address()),
        MultipartUpload: { Parts: this.#parts },
        ChecksumType: 'FULL_OBJECT',
        MpuObjectSize: this.#sizeBytes,
        ...(checksum === undefined ? {} : { ChecksumCRC32: checksum }),
        ...conditionHeaders(condition),
      }),
    );
    // S3 rejects a mismatch itself. S3-compatible storage might not.
    if (checksum !== undefined && ChecksumCRC32 !== undefined && ChecksumCRC32 !== checksum) {
      throw failure('the stored file differs from what was sent; send the file again');
    }
    return { etag: ETag };
  }

  async #address(): Promise<{ Bucket: string; Key: string; UploadId: string }> {
    const { bucket, key } = this.#target;
    return { Bucket: bucket, Key: key, UploadId: await this.#uploadId };
  }
}
