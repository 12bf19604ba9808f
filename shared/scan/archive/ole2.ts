import { Found, type Budget } from './budget.ts';
import { type Bytes, pieces } from './bytes.ts';
import { checkEmbedded } from './embedded.ts';

const ENTRY_BYTES = 128;
const STREAM = 2;
const LONGEST_BYTES = 512;

/** Streams that hold an encrypted document. Names are looked for wherever a directory entry can lie. */
const ENCRYPTED_STREAMS = ['EncryptedPackage', '\tDRMContent'].map((name) =>
  Buffer.from(`${name}\0`, 'utf16le'),
);
/** How the main stream of a Word document, a workbook and a presentation's user record begin. */
const WORD = Buffer.from('eca5', 'hex');
const WORKBOOK = Buffer.from('09081000', 'hex');
const PRESENTATION_ENCRYPTED = Buffer.from('0000f60f', 'hex');

/**
 * Finds encrypted Office documents, new and old, of which the engine says nothing; and archives in
 * documents that it does not see into. Goes through all bytes, because the chains of a damaged or
 * malicious file can lead anywhere. https://learn.microsoft.com/openspecs/windows_protocols/ms-cfb/
 */
export async function inspectOle2(bytes: Bytes, budget: Budget): Promise<void> {
  for await (const { piece } of pieces(bytes, 0, bytes.sizeBytes, LONGEST_BYTES)) {
    budget.checkTime();
    checkEmbedded(piece, 'a document');
    const isEncrypted =
      ENCRYPTED_STREAMS.some((name) =>
        lies(piece, name, ENTRY_BYTES, isStreamEntry(name.length)),
      ) ||
      lies(piece, WORD, 512, isEncryptedWord) ||
      lies(piece, WORKBOOK, 64, isEncryptedWorkbook) ||
      lies(piece, PRESENTATION_ENCRYPTED, 64, isEncryptedPresentation);
    if (isEncrypted) throw new Found('encrypted', 'an encrypted document');
  }
}

/** Whether the mark lies at a multiple of `step`, and what is there passes the test. */
function lies(
  piece: Buffer,
  mark: Buffer,
  step: number,
  test: (there: Buffer) => boolean,
): boolean {
  for (let at = piece.indexOf(mark); at >= 0; at = piece.indexOf(mark, at + 1)) {
    const there = piece.subarray(at, at + LONGEST_BYTES);
    if (at % step === 0 && there.length >= ENTRY_BYTES && test(there)) return true;
  }
  return false;
}

function isStreamEntry(nameBytes: number): (there: Buffer) => boolean {
  return (there) => there.readUInt16LE(64) === nameBytes && there[66] === STREAM;
}

/** The file information block: bit 8 of its flags, and a version that Word has had. */
function isEncryptedWord(there: Buffer): boolean {
  const version = there.readUInt16LE(2);
  return version >= 0x65 && version <= 0x112 && (there.readUInt16LE(10) & 0x100) !== 0;
}

/** A FilePass record among the first ones. */
function isEncryptedWorkbook(there: Buffer): boolean {
  for (let at = 0; at + 4 <= there.length; at += 4 + there.readUInt16LE(at + 2)) {
    const record = there.readUInt16LE(at);
    if (record === 0x2f) return true;
    if (record === 0x0a) return false;
  }
  return false;
}

function isEncryptedPresentation(there: Buffer): boolean {
  return there.readUInt32LE(8) === 0x14 && there.readUInt32LE(12) === 0xf3d1c4df;
}
