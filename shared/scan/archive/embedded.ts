import { UnscannableError } from './budget.ts';

const LOCAL_HEADER = Buffer.from('504b0304', 'hex');
const MAGICS = [
  { name: 'RAR', magic: Buffer.from('526172211a07', 'hex') },
  { name: '7z', magic: Buffer.from('377abcaf271c', 'hex') },
] as const;

/** The methods that the engine unpacks in an embedded zip. */
const READ_METHODS: readonly number[] = [0, 8, 9, 12];

/**
 * Rejects archives embedded in another file that the engine does not unpack.
 *
 * @throws UnscannableError
 */
export function checkEmbedded(piece: Buffer, where: string): void {
  const embedded = MAGICS.find(({ magic }) => piece.includes(magic));
  if (embedded !== undefined) {
    throw new UnscannableError(
      'unsupported-format',
      `${where} with a ${embedded.name} archive in it`,
    );
  }
  for (let at = piece.indexOf(LOCAL_HEADER); at >= 0; at = piece.indexOf(LOCAL_HEADER, at + 1)) {
    const header = piece.subarray(at, at + 30);
    if (header.length < 30 || !isPlausible(header)) continue;
    const isLarge =
      header.readUInt32LE(18) === 0xffffffff || header.readUInt32LE(22) === 0xffffffff;
    const isMasked = (header.readUInt16LE(6) & 0x2000) !== 0;
    if (isLarge || isMasked || !READ_METHODS.includes(header.readUInt16LE(8))) {
      throw new UnscannableError(
        'archive-nesting',
        `${where} with a zip in it that the engine does not read`,
      );
    }
  }
}

/** The four bytes may occur by chance, so the version and the name length are checked too. */
function isPlausible(header: Buffer): boolean {
  const nameBytes = header.readUInt16LE(26);
  return header.readUInt16LE(4) % 256 <= 63 && nameBytes > 0 && nameBytes < 4096;
}
