import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  type S3Client,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { encodeCopySource } from './copy-source.ts';
import { MAX_COPY_BYTES, partRanges } from './part-ranges.ts';

/** The object to copy. */
type Source = {
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string | undefined;
  /** Without quotes; given, S3 refuses to copy an object that has replaced this one. */
  readonly etag?: string;
  readonly sizeBytes: number;
};

/** The copy. Nothing is taken over from the source but its bytes: parts would not carry it along. */
type Target = {
  readonly bucket: string;
  readonly key: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly contentType: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
};

type Options = {
  readonly signal?: AbortSignal;
  /** Up to this size one request copies it. Default: what S3 allows. */
  readonly maxSingleBytes?: number;
  /** Default: 1 GiB, since an abort waits for the part that is being copied. */
  readonly maxPartBytes?: number;
};

/**
 * Copies an object of any size within S3: in one request, or beyond 5 GiB in parts. A multipart
 * upload that fails is aborted, so there is the whole copy or none.
 */
export async function copyObject(
  s3: S3Client,
  source: Source,
  target: Target,
  { signal, maxSingleBytes = MAX_COPY_BYTES, maxPartBytes = 1024 ** 3 }: Options = {},
): Promise<void> {
  const from = {
    CopySource: encodeCopySource(source),
    CopySourceIfMatch: source.etag === undefined ? undefined : `"${source.etag}"`,
  };
  const tagging = new URLSearchParams({ ...target.tags }).toString();
  const to = {
    Bucket: target.bucket,
    Key: target.key,
    Metadata: { ...target.metadata },
    ContentType: target.contentType,
    // Setting tags, even none, takes a permission of its own.
    Tagging: tagging === '' ? undefined : tagging,
  };
  const options = signal === undefined ? {} : { abortSignal: signal };

  if (source.sizeBytes <= maxSingleBytes) {
    const replace = { MetadataDirective: 'REPLACE', TaggingDirective: 'REPLACE' } as const;
    await s3.send(new CopyObjectCommand({ ...from, ...to, ...replace }), options);
    return;
  }
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand(to), options);
  const upload = { Bucket: target.bucket, Key: target.key, UploadId };
  try {
    const parts: CompletedPart[] = [];
    for (const { partNumber, start, end } of partRanges(source.sizeBytes, maxPartBytes)) {
      const part = new UploadPartCopyCommand({
        ...upload,
        ...from,
        PartNumber: partNumber,
        CopySourceRange: `bytes=${start}-${end - 1}`,
      });
      const { CopyPartResult } = await s3.send(part, options);
      parts.push({ ETag: CopyPartResult?.ETag, PartNumber: partNumber });
    }
    const complete = { ...upload, MultipartUpload: { Parts: parts } };
    await s3.send(new CompleteMultipartUploadCommand(complete), options);
  } catch (error) {
    // Without the signal, which may have fired. If this fails too, a lifecycle rule aborts it.
    await s3.send(new AbortMultipartUploadCommand(upload)).catch(() => {});
    throw error;
  }
}
