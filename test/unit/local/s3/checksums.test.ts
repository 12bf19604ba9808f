import fc from '../../../support/fast-check.ts';
import { expect, test } from 'vitest';
import type { ChecksumAlgorithm } from '../../../../local/s3/checksums.ts';
import { createHasher } from '../../../../local/s3/checksums.ts';
import { combineChecksums } from '../../../../local/s3/combine-checksums.ts';

const digest = (algorithm: ChecksumAlgorithm, ...chunks: Uint8Array[]): Buffer => {
  const hasher = createHasher(algorithm);
  for (const chunk of chunks) hasher.update(chunk);
  return hasher.digest();
};

test.for([
  ['CRC32', 'cbf43926'],
  ['CRC32C', 'e3069283'],
  ['CRC64NVME', 'ae8b14860a799888'],
] as const)('%s has its published check value', ([algorithm, expected]) => {
  expect(digest(algorithm, Buffer.from('123456789')).toString('hex')).toBe(expected);
});

test('a checksum does not depend on how the bytes are cut', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'),
      fc.array(fc.uint8Array({ maxLength: 40 })),
      (algorithm, chunks) => {
        const whole = digest(algorithm, Buffer.concat(chunks));
        expect(digest(algorithm, ...chunks)).toEqual(whole);
      },
    ),
  );
});

test('the CRC of a whole follows from those of its parts', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('CRC32', 'CRC32C', 'CRC64NVME'),
      fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1 }),
      (algorithm, chunks) => {
        const parts = chunks.map((chunk) => ({
          value: digest(algorithm, chunk).toString('base64'),
          sizeBytes: chunk.length,
        }));
        const whole = digest(algorithm, ...chunks).toString('base64');
        expect(combineChecksums(algorithm, 'FULL_OBJECT', parts)).toBe(whole);
      },
    ),
  );
});

test('ten thousand parts are joined in well under a second', () => {
  const parts = Array.from({ length: 10_000 }, () => ({
    value: 'rosUhgp5mIg=',
    sizeBytes: 8 * 1024 * 1024,
  }));
  const startedAt = performance.now();
  combineChecksums('CRC64NVME', 'FULL_OBJECT', parts);
  expect(performance.now() - startedAt).toBeLessThan(1000);
});
