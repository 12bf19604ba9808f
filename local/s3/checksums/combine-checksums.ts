import type { ChecksumAlgorithm, ChecksumType } from './checksums.ts';
import { createHasher } from './checksums.ts';
import { S3Error } from '../protocol/errors.ts';

export type PartChecksum = { readonly value: string; readonly sizeBytes: number };

/**
 * The checksum of an object made of parts, from the checksums of the parts alone.
 *
 * COMPOSITE is the checksum of the concatenated digests with `-N`. FULL_OBJECT exists for CRCs only, which can be combined
 * without reading the bytes again.
 */
export function combineChecksums(
  algorithm: ChecksumAlgorithm,
  type: ChecksumType,
  parts: readonly PartChecksum[],
): string {
  if (type === 'COMPOSITE') {
    const hasher = createHasher(algorithm);
    for (const { value } of parts) hasher.update(Buffer.from(value, 'base64'));
    return `${hasher.digest().toString('base64')}-${parts.length}`;
  }
  const field = fieldOf(algorithm);
  let combined = 0n;
  for (const { value, sizeBytes } of parts) {
    const next = BigInt(`0x${Buffer.from(value, 'base64').toString('hex')}`);
    combined = field.shift(combined, sizeBytes) ^ next;
  }
  return Buffer.from(combined.toString(16).padStart(field.width / 4, '0'), 'hex').toString(
    'base64',
  );
}

type Field = { readonly width: number; shift(crc: bigint, zeroBytes: number): bigint };

function fieldOf(algorithm: ChecksumAlgorithm): Field {
  switch (algorithm) {
    case 'CRC32':
      return createField(32, 0xedb88320n);
    case 'CRC32C':
      return createField(32, 0x82f63b78n);
    case 'CRC64NVME':
      return createField(64, 0x9a6c9329ac4bc9b5n);
    case 'SHA1':
    case 'SHA256':
      throw new S3Error(
        'InvalidRequest',
        `The FULL_OBJECT checksum type cannot be used with the ${algorithm.toLowerCase()} checksum algorithm.`,
      );
    default:
      return algorithm satisfies never;
  }
}

/**
 * Polynomials over GF(2) modulo a CRC's own, bits reflected as in zlib's crc32_combine: appending n bytes multiplies the
 * CRC before them by x^(8n). The pre- and post-conditioning by ones cancels out.
 */
function createField(width: number, polynomial: bigint): Field {
  const one = 1n << BigInt(width - 1);
  const powers = new Map<number, bigint>(); // parts nearly always have the same size

  const multiply = (left: bigint, right: bigint): bigint => {
    let product = 0n;
    let factor = right;
    for (let bit = one; bit > 0n; bit >>= 1n) {
      if (left & bit) product ^= factor;
      factor = factor & 1n ? (factor >> 1n) ^ polynomial : factor >> 1n;
    }
    return product;
  };
  const power = (zeroBytes: number): bigint => {
    let result = one;
    let square = one >> 8n; // x^8
    for (let rest = BigInt(zeroBytes); rest > 0n; rest >>= 1n) {
      if (rest & 1n) result = multiply(result, square);
      square = multiply(square, square);
    }
    return result;
  };

  return {
    width,
    shift(crc, zeroBytes) {
      const factor = powers.get(zeroBytes) ?? power(zeroBytes);
      powers.set(zeroBytes, factor);
      return multiply(crc, factor);
    },
  };
}
