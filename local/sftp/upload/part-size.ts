import { failure } from '../status.ts';

const MIB = 1024 * 1024;

/** S3's limits: the smallest part that is not the last, and how many parts an upload may have. */
export const SMALLEST_PART_BYTES = 5 * MIB;
const MAX_PART_COUNT = 10_000;

/**
 * How large the parts are from a part number on. One part is in memory at a time, so small parts are
 * what keeps a connection at about 10 MB: they last for 39 GiB. Larger files would run out of part
 * numbers, and pay with memory: 32 MiB parts up to 70 GiB, 128 MiB parts up to 195 GiB, where an upload
 * ends with a clear failure.
 */
const SCHEDULE = [
  { fromPart: 9_001, sizeBytes: 128 * MIB },
  { fromPart: 8_001, sizeBytes: 32 * MIB },
  { fromPart: 1, sizeBytes: SMALLEST_PART_BYTES },
] as const;

/** @throws SftpFailure beyond the last part that S3 takes */
export function partSizeBytes(partNumber: number): number {
  if (partNumber > MAX_PART_COUNT) throw failure('the file is larger than this server takes');
  const step = SCHEDULE.find(({ fromPart }) => partNumber >= fromPart);
  return step?.sizeBytes ?? SMALLEST_PART_BYTES;
}
