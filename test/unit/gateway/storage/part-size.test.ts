import { expect, test } from 'vitest';
import { partSizeBytes, SMALLEST_PART_BYTES } from '../../../../gateway/storage/part-size.ts';

test('parts are the smallest that S3 takes, up to the last one it takes', () => {
  expect(partSizeBytes(1)).toBe(SMALLEST_PART_BYTES);
  expect(partSizeBytes(10_000)).toBe(SMALLEST_PART_BYTES);
  expect(() => partSizeBytes(10_001)).toThrow('larger than the 48.8 GiB that this server accepts');
});
