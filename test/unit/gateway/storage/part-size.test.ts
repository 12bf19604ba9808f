import { expect, test } from 'vitest';
import { partSizeBytes, SMALLEST_PART_BYTES } from '../../../../gateway/storage/part-size.ts';

test('parts have the smallest size that S3 allows, up to the last part it allows', () => {
  expect(partSizeBytes(1)).toBe(SMALLEST_PART_BYTES);
  expect(partSizeBytes(10_000)).toBe(SMALLEST_PART_BYTES);
  expect(() => partSizeBytes(10_001)).toThrow('larger than the 48.8 GiB that this server accepts');
});
