const POLYNOMIAL = 0x82f63b78; // reflected, RFC 3720
const SLICES = 8;

// TABLE[slice * 256 + byte]: the CRC of that byte followed by `slice` zero bytes.
const TABLE = new Uint32Array(SLICES * 256);
for (let byte = 0; byte < 256; byte++) {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
  TABLE[byte] = crc;
}
for (let index = 256; index < TABLE.length; index++) {
  const previous = TABLE[index - 256] ?? 0;
  TABLE[index] = (previous >>> 8) ^ (TABLE[previous & 0xff] ?? 0);
}

const at = (index: number): number => TABLE[index] ?? 0;

/** CRC-32C of `bytes`, continuing from `crc`, eight bytes per step. Check: "123456789" gives 0xE3069283. */
export function crc32c(bytes: Uint8Array, crc = 0): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const aligned = bytes.length - (bytes.length % SLICES);
  let state = ~crc;
  let offset = 0;
  for (; offset < aligned; offset += SLICES) {
    const low = state ^ view.getInt32(offset, true);
    const high = view.getInt32(offset + 4, true);
    state =
      at(1792 + (low & 0xff)) ^
      at(1536 + ((low >>> 8) & 0xff)) ^
      at(1280 + ((low >>> 16) & 0xff)) ^
      at(1024 + (low >>> 24)) ^
      at(768 + (high & 0xff)) ^
      at(512 + ((high >>> 8) & 0xff)) ^
      at(256 + ((high >>> 16) & 0xff)) ^
      at(high >>> 24);
  }
  for (; offset < bytes.length; offset++) {
    state = (state >>> 8) ^ at((state ^ (bytes[offset] ?? 0)) & 0xff);
  }
  return ~state >>> 0;
}
