import { crc32, deflateRawSync } from 'node:zlib';
import { EICAR } from '../../support/eicar.ts';
import { HELLO, sample, type Sample } from './sample.ts';
import { zip } from './zip.ts';

const REGIONS = Buffer.from('MZ;258;Maputo\nZW;263;Harare\n');

/** An ELF header of a program for x86-64, and as many bytes behind it. */
function program(content: Buffer): Buffer {
  const header = Buffer.alloc(64);
  header.write('\x7fELF\x02\x01\x01', 0, 'latin1');
  header.writeUInt16LE(2, 16);
  header.writeUInt16LE(62, 18);
  header.writeUInt32LE(1, 20);
  header.writeBigUInt64LE(0x400000n, 24);
  header.writeUInt16LE(64, 52);
  return Buffer.concat([header, content]);
}

/** A MATLAB v4 matrix of one row. */
function matrix(values: readonly number[]): Buffer {
  const header = Buffer.alloc(22);
  for (const [index, field] of [0, 1, values.length, 0, 2].entries())
    header.writeInt32LE(field, index * 4);
  header.write('a\0', 20);
  const numbers = Buffer.alloc(values.length * 8);
  for (const [index, value] of values.entries()) numbers.writeDoubleLE(value, index * 8);
  return Buffer.concat([header, numbers]);
}

/** With the block of signatures that Android packages have before the directory. */
function signedPackage(): Buffer {
  const whole = zip([
    { name: 'AndroidManifest.xml', data: HELLO },
    { name: 'classes.dex', data: HELLO },
  ]);
  const endAt = whole.length - 22;
  const directoryAt = whole.readUInt32LE(endAt + 16);
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(100 + 24));
  const block = Buffer.concat([size, Buffer.alloc(100), size, Buffer.from('APK Sig Block 42')]);
  whole.writeUInt32LE(directoryAt + block.length, endAt + 16);
  return Buffer.concat([whole.subarray(0, directoryAt), block, whole.subarray(directoryAt)]);
}

/** A zip with zip64 in the local headers alone, as numpy writes it. */
export function arrays(members: Readonly<Record<string, Buffer>>): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const [name, data] of Object.entries(members)) {
    const packed = deflateRawSync(data);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(45, 4);
    local.writeUInt16LE(8, 8);
    local.writeUInt32LE(crc32(data), 14);
    local.writeUInt32LE(0xffffffff, 18);
    local.writeUInt32LE(0xffffffff, 22);
    local.writeUInt16LE(name.length, 26);
    local.writeUInt16LE(20, 28);
    const extra = Buffer.alloc(20);
    extra.writeUInt16LE(1, 0);
    extra.writeUInt16LE(16, 2);
    extra.writeBigUInt64LE(BigInt(data.length), 4);
    extra.writeBigUInt64LE(BigInt(packed.length), 12);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(45, 4);
    entry.writeUInt16LE(45, 6);
    entry.writeUInt16LE(8, 10);
    entry.writeUInt32LE(crc32(data), 16);
    entry.writeUInt32LE(packed.length, 20);
    entry.writeUInt32LE(data.length, 24);
    entry.writeUInt16LE(name.length, 28);
    entry.writeUInt32LE(at, 42);
    parts.push(local, Buffer.from(name), extra, packed);
    directory.push(entry, Buffer.from(name));
    at += 30 + name.length + 20 + packed.length;
  }
  const listed = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(Object.keys(members).length, 8);
  end.writeUInt16LE(Object.keys(members).length, 10);
  end.writeUInt32LE(listed.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...parts, listed, end]);
}

/** What weak marks, old limits of the engine, or unusual producers made us hold without need. */
export const LOOKALIKES: readonly Sample[] = [
  sample('regions.csv', 'CSV that begins with "MZ", as programs do', 'clean', () => REGIONS),
  sample('regions.zip', 'the same in a zip', 'clean', () =>
    zip([{ name: 'MZ.csv', data: REGIONS }]),
  ),
  sample('lzip-notes.txt', 'text that begins with "LZIP"', 'clean', () =>
    Buffer.from('LZIP files are kept for ten years.\nNothing else.\n'),
  ),
  sample('eggs.txt', 'text that begins with "EGGA"', 'clean', () =>
    Buffer.from('EGGA is the name of the ship.\n'),
  ),
  sample('mail-like.txt', 'text with two lines like those of a mail', 'clean', () =>
    Buffer.from(
      'From: ann@example.org\nSubject: minutes\n\ncc: dave and everybody on the list of the review\n',
    ),
  ),
  sample('test-vector.elf', 'a program with a class that does not exist', 'clean', () =>
    Buffer.concat([Buffer.from('\x7fELF\x03\x01\x01', 'latin1'), Buffer.alloc(193)]),
  ),
  sample('boot.bin', 'a boot loader: 512 bytes that end in 55 aa', 'clean', () =>
    Buffer.concat([
      Buffer.from('fa31c08ed8', 'hex'),
      Buffer.alloc(505),
      Buffer.from('55aa', 'hex'),
    ]),
  ),
  sample('program-with-marks', 'a program with the marks of RAR and 7z in it', 'clean', () =>
    program(
      Buffer.concat([
        Buffer.alloc(9000, 'code'),
        Buffer.from('526172211a0700', 'hex'),
        Buffer.alloc(9000, 'data'),
        Buffer.from('377abcaf271c', 'hex'),
        Buffer.alloc(9000, 'more'),
      ]),
    ),
  ),
  sample('matrix.mat', 'a MATLAB matrix, which begins like LZMA', 'clean', () =>
    matrix([0, 1, 2, 3, 4, 5, 6]),
  ),
  sample('numbers.bin', 'two bytes like those of a cpio archive', 'clean', () =>
    Buffer.concat([Buffer.from('c771', 'hex'), Buffer.alloc(200, 7)]),
  ),
  sample('about-pdf.txt', 'text about "%PDF-" and streams, without an object', 'clean', () =>
    Buffer.from(`%PDF-1.4\n${'stream\n'.repeat(100)}`),
  ),
  sample('signed.apk', 'an Android package with its block of signatures', 'clean', signedPackage),
  sample('arrays.npz', 'numpy arrays: zip64 where there is no need', 'clean', () =>
    arrays({ 'a.npy': HELLO, 'b.npy': HELLO }),
  ),
  sample('eicar.npz', 'the same with EICAR', 'infected', () =>
    arrays({ 'a.npy': HELLO, 'b.npy': EICAR }),
  ),
];
