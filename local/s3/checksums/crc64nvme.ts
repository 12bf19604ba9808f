// Reflected polynomial 0x9A6C9329AC4BC9B5 (NVM Express), as two 32-bit halves: BigInt is far too slow per byte.
const POLYNOMIAL_HIGH = 0x9a6c9329;
const POLYNOMIAL_LOW = 0xac4bc9b5;
const SLICES = 8;

// As in crc32c.ts: entry [slice * 256 + byte] is the CRC of that byte followed by `slice` zero bytes.
const HIGH = new Uint32Array(SLICES * 256);
const LOW = new Uint32Array(SLICES * 256);
for (let byte = 0; byte < 256; byte++) {
  let high = 0;
  let low = byte;
  for (let bit = 0; bit < 8; bit++) {
    const carry = low & 1;
    low = (low >>> 1) | (high << 31);
    high >>>= 1;
    if (carry) {
      low ^= POLYNOMIAL_LOW;
      high ^= POLYNOMIAL_HIGH;
    }
  }
  HIGH[byte] = high;
  LOW[byte] = low;
}
for (let index = 256; index < HIGH.length; index++) {
  const high = HIGH[index - 256] ?? 0;
  const low = LOW[index - 256] ?? 0;
  HIGH[index] = (high >>> 8) ^ (HIGH[low & 0xff] ?? 0);
  LOW[index] = ((low >>> 8) | (high << 24)) ^ (LOW[low & 0xff] ?? 0);
}

const highAt = (index: number): number => HIGH[index] ?? 0;
const lowAt = (index: number): number => LOW[index] ?? 0;

/** Running CRC-64/NVME, as unsigned halves. */
export type Crc64 = { readonly high: number; readonly low: number };

/** CRC-64/NVME of `bytes`, continuing from `crc`. Check: "123456789" gives 0xAE8B14860A799888. */
export function crc64nvme(bytes: Uint8Array, crc: Crc64 = { high: 0, low: 0 }): Crc64 {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const aligned = bytes.length - (bytes.length % SLICES);
  let high = ~crc.high;
  let low = ~crc.low;
  let offset = 0;
  for (; offset < aligned; offset += SLICES) {
    const first = low ^ view.getInt32(offset, true);
    const second = high ^ view.getInt32(offset + 4, true);
    const a = 1792 + (first & 0xff);
    const b = 1536 + ((first >>> 8) & 0xff);
    const c = 1280 + ((first >>> 16) & 0xff);
    const d = 1024 + (first >>> 24);
    const e = 768 + (second & 0xff);
    const f = 512 + ((second >>> 8) & 0xff);
    const g = 256 + ((second >>> 16) & 0xff);
    const h = second >>> 24;
    high =
      highAt(a) ^ highAt(b) ^ highAt(c) ^ highAt(d) ^ highAt(e) ^ highAt(f) ^ highAt(g) ^ highAt(h);
    low = lowAt(a) ^ lowAt(b) ^ lowAt(c) ^ lowAt(d) ^ lowAt(e) ^ lowAt(f) ^ lowAt(g) ^ lowAt(h);
  }
  for (; offset < bytes.length; offset++) {
    const index = (low ^ (bytes[offset] ?? 0)) & 0xff;
    low = ((low >>> 8) | (high << 24)) ^ lowAt(index);
    high = (high >>> 8) ^ highAt(index);
  }
  return { high: ~high >>> 0, low: ~low >>> 0 };
}
