/** S3's limits. https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
export const MAX_PART_COUNT = 10_000;
/** Of one CopyObject, and of one part. https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html */
export const MAX_COPY_BYTES = 5 * 1024 ** 3;

export type PartRange = {
  readonly partNumber: number;
  readonly start: number;
  /** The byte after the last. */
  readonly end: number;
};

/**
 * Divides an object into parts of equal size, so that the last is not smaller than S3 allows for a
 * part that others follow.
 *
 * @param maxPartBytes exceeded only where there would be more parts than S3 takes
 */
export function partRanges(sizeBytes: number, maxPartBytes: number): readonly PartRange[] {
  const count = Math.min(Math.ceil(sizeBytes / maxPartBytes), MAX_PART_COUNT);
  const partBytes = Math.ceil(sizeBytes / count);
  const ranges: PartRange[] = [];
  for (let start = 0; start < sizeBytes; start += partBytes) {
    const end = Math.min(start + partBytes, sizeBytes);
    ranges.push({ partNumber: ranges.length + 1, start, end });
  }
  return ranges;
}
