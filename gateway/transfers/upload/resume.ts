import { GetObjectCommand } from '@aws-sdk/client-s3';
import { MAX_COPY_BYTES, partRanges } from '../../../shared/s3/part-ranges.ts';
import type { ObjectStore } from '../../storage/guarded-store.ts';
import type { StoredFile } from '../../storage/objects.ts';
import { failure } from '../../protocol/status.ts';
import { MultipartObject } from './multipart-object.ts';
import { SMALLEST_PART_BYTES } from '../../storage/part-size.ts';
import type { UploadTarget } from '../../storage/target.ts';

/** What an upload starts from: nothing, or an object whose end it goes on from. */
export type Beginning =
  | { readonly from: 'nothing' }
  | { readonly from: 'object'; readonly file: StoredFile };

export type Begun = {
  /** Of what is in `object` already; undefined when S3 does not tell. */
  readonly checksum: number | undefined;
  /** Holds what there is, as parts copied inside S3; undefined when `bytes` have it all. */
  readonly object: MultipartObject | undefined;
  readonly nextPartNumber: number;
  readonly bytes: readonly Buffer[];
};

/**
 * Goes on from an object: S3 has no appending, so what is there becomes the first parts of a new object,
 * copied inside S3. Too little for a part is fetched, and sent again.
 *
 * @throws SftpFailure when the first write is not at the end of the object
 */
export async function begin(
  beginning: Beginning,
  offset: number,
  s3: ObjectStore,
  target: UploadTarget,
  signal: AbortSignal,
): Promise<Begun> {
  if (beginning.from === 'nothing') {
    return { checksum: 0, object: undefined, nextPartNumber: 1, bytes: [] };
  }
  const { file } = beginning;
  if (offset !== file.sizeBytes) {
    throw failure(
      `files cannot be changed in place: this one can be replaced, or continued at its end, ${file.sizeBytes}`,
    );
  }
  if (file.sizeBytes < SMALLEST_PART_BYTES) {
    const bytes = await fetchWhole(s3, file, signal);
    return { checksum: 0, object: undefined, nextPartNumber: 1, bytes };
  }
  const object = new MultipartObject(s3, target, signal);
  try {
    const nextPartNumber = await copyInto(object, file);
    return { checksum: file.crc32, object, nextPartNumber, bytes: [] };
  } catch (error) {
    await object.abort();
    throw error;
  }
}

/** Copies a whole object as parts. @returns the number for the next part */
export async function copyInto(
  object: MultipartObject,
  file: StoredFile,
  maxPartBytes = MAX_COPY_BYTES,
): Promise<number> {
  const ranges = partRanges(file.sizeBytes, maxPartBytes);
  for (const range of ranges) await object.copyPart(range, file);
  return ranges.length + 1;
}

async function fetchWhole(
  s3: ObjectStore,
  file: StoredFile,
  signal: AbortSignal,
): Promise<Buffer[]> {
  const { bucket, key, etag, versionId } = file;
  if (file.sizeBytes === 0) return [];
  const { Body } = await s3.send(
    new GetObjectCommand({
      Bucket: bucket,
      Key: key,
      ...(etag === undefined ? {} : { IfMatch: etag }),
      ...(versionId === undefined ? {} : { VersionId: versionId }),
    }),
    { abortSignal: signal },
  );
  const bytes = Buffer.from((await Body?.transformToByteArray()) ?? []);
  if (bytes.length !== file.sizeBytes) throw failure('the storage ended the file early');
  return [bytes];
}
