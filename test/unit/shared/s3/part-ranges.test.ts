import { expect, test } from 'vitest';
import { MAX_COPY_BYTES, partRanges } from '../../../../shared/s3/part-ranges.ts';

const GIB = 1024 ** 3;

test('an object is divided into equal parts without gap or overlap', () => {
  expect(partRanges(10, 4)).toEqual([
    { partNumber: 1, start: 0, end: 4 },
    { partNumber: 2, start: 4, end: 8 },
    { partNumber: 3, start: 8, end: 10 },
  ]);
  expect(partRanges(12, 100)).toEqual([{ partNumber: 1, start: 0, end: 12 }]);
  expect(partRanges(0, 100)).toEqual([]);
});

test('the last of several parts is never a small remainder', () => {
  const ranges = partRanges(5 * GIB + 1, GIB);
  expect(ranges).toHaveLength(6);
  for (const { start, end } of ranges) expect(end - start).toBeGreaterThan(0.8 * GIB);
});

test.each([9999 * GIB, 10_001 * GIB, 10_000 * MAX_COPY_BYTES])(
  'an object of %d bytes has no more parts, and no larger ones, than S3 allows',
  (sizeBytes) => {
    const ranges = partRanges(sizeBytes, GIB);
    expect(ranges.length).toBeLessThanOrEqual(10_000);
    expect(ranges.at(-1)?.end).toBe(sizeBytes);
    expect(Math.max(...ranges.map(({ start, end }) => end - start))).toBeLessThanOrEqual(
      MAX_COPY_BYTES,
    );
  },
);
