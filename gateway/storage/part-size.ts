import { MAX_PART_COUNT } from '../../shared/s3/part-ranges.ts';
import { failure } from '../protocol/status.ts';

/** S3's limit for every part but the last. */
export const SMALLEST_PART_BYTES = 5 * 1024 ** 2;

/**
 * What one part holds. A part is in memory until S3 has it, so the smallest there is keeps a connection
 * within its 10 MB; 10,000 of them are 48.8 GiB, which is therefore the largest file.
 *
 * @throws SftpFailure beyond the last part that S3 takes
 */
export function partSizeBytes(partNumber: number): number {
  if (partNumber <= MAX_PART_COUNT) return SMALLEST_PART_BYTES;
  throw failure('the file is larger than the 48.8 GiB that this server takes');
}
