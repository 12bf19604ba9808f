import { UnscannableError, type Budget } from './budget.ts';
import { type Bytes, pieces } from './bytes.ts';

const ENTRY_BYTES = 128;
const STREAM = 2;
const LONGEST_BYTES = 512;

/** Streams of encrypted documents; searched for at every possible position of a directory entry. */
const ENCRYPTED_STREAMS = ['EncryptedPackage', '\tDRMContent'].map((name) =>
  Buffer.from(`${name}\0`, 'utf16le'),
);
/** The first bytes of a Word document's main stream, a workbook's, and a presentation's user record. */
const WORD = Buffer.from('eca5', 'hex');
const WORKBOOK = Buffer.from('09081000', 'hex');
const PRESENTATION_ENCRYPTED = Buffer.from('0000f60f', 'hex');

/**
 * Finds encrypted Office documents, new and old, which the engine does not report and 7-Zip opens as
 * if they were not. Searches all bytes, because the sector chains of a damaged or
 * malicious file cannot be trusted. https://learn.microsoft.com/openspecs/windows_protocols/ms-cfb/
 */
export async function checkOle2(bytes: Bytes, budget: Budget): Promise<void> {
  for await (const { piece } of pieces(bytes, 0, bytes.sizeBytes, LONGEST_BYTES)) {
    budget.checkTime();
    const isEncrypted =
      ENCRYPTED_STREAMS.some((name) =>
        hasMark(piece, name, ENTRY_BYTES, isStreamEntry(name.length)),
      ) ||
      hasMark(piece, WORD, 512, isEncryptedWord) ||
      hasMark(piece, WORKBOOK, 64, isEncryptedWorkbook) ||
      hasMark(piece, PRESENTATION_ENCRYPTED, 64, isEncryptedPresentation);
    if (isEncrypted) throw new UnscannableError('encrypted', 'an encrypted document');
  }
}

/** Whether the mark is at a multiple of `step`, and the bytes from there pass the test. */
function hasMark(
  piece: Buffer,
  mark: Buffer,
  step: number,
  test: (bytes: Buffer) => boolean,
): boolean {
  for (let at = piece.indexOf(mark); at >= 0; at = piece.indexOf(mark, at + 1)) {
    const bytes = piece.subarray(at, at + LONGEST_BYTES);
    if (at % step === 0 && bytes.length >= ENTRY_BYTES && test(bytes)) return true;
  }
  return false;
}

function isStreamEntry(nameBytes: number): (bytes: Buffer) => boolean {
  return (bytes) => bytes.readUInt16LE(64) === nameBytes && bytes[66] === STREAM;
}

/** The file information block: bit 8 of its flags, and a version number of Word. */
function isEncryptedWord(bytes: Buffer): boolean {
  const version = bytes.readUInt16LE(2);
  return version >= 0x65 && version <= 0x112 && (bytes.readUInt16LE(10) & 0x100) !== 0;
}

/** A FilePass record before the end-of-file record. */
function isEncryptedWorkbook(bytes: Buffer): boolean {
  for (let at = 0; at + 4 <= bytes.length; at += 4 + bytes.readUInt16LE(at + 2)) {
    const record = bytes.readUInt16LE(at);
    if (record === 0x2f) return true;
    if (record === 0x0a) return false;
  }
  return false;
}

function isEncryptedPresentation(bytes: Buffer): boolean {
  return bytes.readUInt32LE(8) === 0x14 && bytes.readUInt32LE(12) === 0xf3d1c4df;
}
