import { S3Error } from '../protocol/errors.ts';
import type { Upload } from '../store/uploads.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html: parts 1 to 10,000, 5 MiB each but the last. */
const MAX_PART_NUMBER = 10_000;
export const MIN_PART_BYTES = 5 * 1024 * 1024;

/** @throws S3Error InvalidArgument */
export function parsePartNumber(text: string): number {
  const number = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (number >= 1 && number <= MAX_PART_NUMBER) return number;
  throw new S3Error(
    'InvalidArgument',
    `Part number must be an integer between 1 and ${MAX_PART_NUMBER}, inclusive`,
    { details: { ArgumentName: 'partNumber', ArgumentValue: text } },
  );
}

/** The checksum of an upload: the client's choice, else S3's default. */
export function effectiveChecksum(upload: Upload): NonNullable<Upload['checksum']> {
  return upload.checksum ?? { algorithm: 'CRC64NVME', type: 'FULL_OBJECT' };
}
