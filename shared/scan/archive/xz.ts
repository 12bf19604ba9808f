import { BUDGET, UnscannableError } from './budget.ts';
import type { Bytes } from './bytes.ts';

const EDGE_BYTES = 12;
const INDEX_BYTES = 16 * 2 ** 20;

/**
 * The engine reads only the first stream of an xz file. The index at the end gives the length of the
 * last stream, which must be the whole file. https://tukaani.org/xz/xz-file-format.txt
 */
export async function inspectXz(bytes: Bytes): Promise<void> {
  const footer = await bytes.read(Math.max(bytes.sizeBytes - EDGE_BYTES, 0), EDGE_BYTES);
  if (footer.length < EDGE_BYTES || footer.toString('latin1', 10) !== 'YZ') throw structureError();
  const indexBytes = (footer.readUInt32LE(4) + 1) * 4;
  const indexAt = bytes.sizeBytes - EDGE_BYTES - indexBytes;
  if (indexAt < EDGE_BYTES || indexBytes > INDEX_BYTES) throw structureError();
  const { packedBytes, bytes: size } = readIndex(await bytes.read(indexAt, indexBytes));
  if (EDGE_BYTES + packedBytes !== indexAt) throw structureError();
  if (size > BUDGET.memberBytes)
    throw new UnscannableError('archive-size', `an xz file of ${size} bytes`);
}

function readIndex(index: Buffer): { readonly packedBytes: number; readonly bytes: number } {
  let at = 1;
  const next = (): number => {
    let value = 0;
    for (let shift = 0; shift < 49; shift += 7) {
      const byte = index[at++] ?? 0;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw structureError();
  };
  const count = next();
  if (index[0] !== 0 || count > index.length) throw structureError();
  let packedBytes = 0;
  let bytes = 0;
  for (let block = 0; block < count; block += 1) {
    packedBytes += Math.ceil(next() / 4) * 4;
    bytes += next();
  }
  return { packedBytes, bytes };
}

function structureError(): UnscannableError {
  const detail = 'bytes after the first xz stream, or a truncated file';
  return new UnscannableError('archive-structure', detail);
}
