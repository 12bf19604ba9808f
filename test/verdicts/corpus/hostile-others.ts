import { randomBytes } from 'node:crypto';
import { deflateRawSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { EICAR } from '../../support/eicar.ts';
import * as blobs from './blobs.ts';
import { ar, cabinet, cpio, lz4, mail, ole2, pdf, rar } from './other-containers.ts';
import { HELLO, sample, type Sample } from './sample.ts';
import { tar, TAR_END, tarEntry } from './tar.ts';
import { zip } from './zip.ts';

const eicar = { name: 'eicar.com', data: EICAR };
const hello = { name: 'hello.txt', data: HELLO };
/** A zip that the engine does not open, to embed in other files. */
const blind = (): Buffer => zip([{ ...eicar, zip64: 'both' }]);
const BINARY_SIZE = `\x80${'\0'.repeat(10)}\x44`;

function nestedGzip(levels: number): Buffer {
  let content: Buffer = HELLO;
  for (let level = 0; level < levels; level += 1) content = gzipSync(content);
  return content;
}

export const HOSTILE_OTHERS: readonly Sample[] = [
  sample('two-members.gz', 'half of it in a second gzip member', 'infected', () =>
    Buffer.concat([gzipSync(EICAR.subarray(0, 30)), gzipSync(EICAR.subarray(30))]),
  ),
  sample('tail.gz', 'bytes after a gzip file', 'archive-structure', () =>
    Buffer.concat([gzipSync('hello'), EICAR]),
  ),
  sample('truncated.gz', 'half a gzip file', 'archive-structure', () =>
    gzipSync(HELLO).subarray(0, 25),
  ),
  sample('zip-behind.gz', 'a zip after a gzip file', 'archive-structure', () =>
    zip([eicar], { prefix: gzipSync('hello') }),
  ),
  sample('blind.zip.gz', 'a zip64 in gzip', 'infected', () => gzipSync(blind())),
  sample('nested-20.gz', 'harmless, gzip 20 times over', 'archive-nesting', () => nestedGzip(20)),
  sample('bomb.gz', '300 MB of zeros in 300 KB', 'archive-size', () =>
    gzipSync(Buffer.alloc(300 * 2 ** 20)),
  ),
  sample('zip-behind.tar', 'a zip after a tar', 'archive-structure', () =>
    zip([eicar], { prefix: tar(hello) }),
  ),
  sample('behind-end.tar', 'a file after the end of a tar', 'archive-structure', () =>
    Buffer.concat([tar(hello), tarEntry(eicar), TAR_END]),
  ),
  sample('zero-block.tar', 'a block of zeros between two files', 'archive-structure', () =>
    Buffer.concat([tarEntry(hello), Buffer.alloc(512), tarEntry(eicar), TAR_END]),
  ),
  sample(
    'binary-size.tar',
    'a size in binary, as GNU tar writes large ones',
    'archive-structure',
    () => tar(hello, { ...eicar, size: BINARY_SIZE }),
  ),
  sample('pax-size.tar', 'a size in an extended header', 'archive-structure', () =>
    tar(
      { name: 'p', type: 'x', data: Buffer.from('12 size=68\n\n') },
      { ...eicar, size: '00000000000\0' },
    ),
  ),
  sample('broken-header.tar', 'a header with a wrong checksum', 'archive-structure', () =>
    tar(hello, { ...eicar, brokenChecksum: true }, hello),
  ),
  sample('folder-content.tar', 'a folder with content', 'archive-structure', () =>
    tar(hello, { ...eicar, type: '5' }),
  ),
  sample('sparse.tar', 'harmless, a sparse file', 'archive-structure', () =>
    tar({ ...hello, type: 'S' }),
  ),
  sample('truncated.tar', 'harmless, cut in the middle of a file', 'archive-structure', () =>
    tarEntry({ ...hello, data: Buffer.alloc(5000) }).subarray(0, 2000),
  ),
  sample('blind.tar', 'a zip64 in a tar', 'infected', () => tar({ name: 'a.zip', data: blind() })),
  sample('blind.tar.gz', 'a zip64 in a tar in gzip', 'infected', () =>
    gzipSync(tar({ name: 'a.zip', data: blind() })),
  ),
  sample('rar.zip', 'a RAR in a zip', 'infected', () =>
    zip([{ name: 'a.rar', data: rar('eicar.com', EICAR) }]),
  ),
  sample('rar.tar', 'a RAR in a tar', 'infected', () =>
    tar({ name: 'a.rar', data: rar('eicar.com', EICAR) }),
  ),
  sample('rar.exe', 'a RAR after a program', 'archive-structure', () =>
    Buffer.concat([Buffer.from('#!/bin/sh\n'), rar('hello', HELLO)]),
  ),
  sample(
    'two-streams.bz2',
    'a second bzip2 stream with EICAR: joined to what is before it, it is none',
    'clean',
    () => blobs.eicarBz2Twice,
  ),
  sample('tail.bz2', 'harmless, bytes after a bzip2 file', 'archive-structure', () =>
    Buffer.concat([blobs.helloBz2, HELLO]),
  ),
  sample('two-streams.xz', 'a second xz stream: the same', 'clean', () => blobs.eicarXzTwice),
  sample(
    'padded.xz',
    'a second xz stream after padding: the same',
    'clean',
    () => blobs.eicarXzPadded,
  ),
  sample('tail.xz', 'harmless, bytes after an xz file', 'archive-structure', () =>
    Buffer.concat([blobs.helloXz, HELLO]),
  ),
  sample(
    'hello.rar',
    'harmless RAR, which the engine reads only with its unrar library',
    'clean',
    () => rar('hello.txt', HELLO),
  ),
  sample('eicar.rar', 'RAR', 'infected', () => rar('eicar.com', EICAR)),
  sample('bzip2.7z', '7z (BZip2)', 'infected', () => blobs.eicarSevenZipBzip2),
  sample('deflate.7z', '7z (Deflate)', 'infected', () => blobs.eicarSevenZipDeflate),
  sample('bcj2.7z', '7z (BCJ2 filter)', 'infected', () => blobs.eicarSevenZipBcj2),
  sample('delta.7z', '7z (Delta filter)', 'infected', () => blobs.eicarSevenZipDelta),
  sample('hello.7z', 'harmless, 7z (LZMA)', 'clean', () => blobs.helloSevenZipLzma),
  sample('encrypted.7z', 'encrypted 7z', 'encrypted', () => blobs.eicarSevenZipSecret),
  sample(
    'encrypted-names.7z',
    'encrypted 7z, names too',
    'encrypted',
    () => blobs.eicarSevenZipSecretNames,
  ),
  sample('eicar.lz', 'lzip', 'infected', () => blobs.eicarLzip),
  sample('eicar.lzma', 'LZMA', 'infected', () => blobs.eicarLzma),
  sample('hello.lzma', 'harmless LZMA', 'clean', () => blobs.helloLzma),
  sample('eicar.zst', 'Zstandard', 'infected', () => zstdCompressSync(EICAR)),
  sample('eicar.lz4', 'LZ4', 'infected', () => lz4(EICAR)),
  sample('hello.cpio', 'harmless cpio', 'clean', () => cpio('hello.txt', HELLO)),
  sample('eicar.a', 'an ar archive, the format of Debian packages', 'infected', () =>
    ar('eicar.com/', EICAR),
  ),
  sample('hello.cab', 'harmless cabinet', 'clean', () => cabinet('hello.txt', HELLO)),
  sample('encrypted.docx', 'an encrypted Office document', 'encrypted', () =>
    ole2({ EncryptionInfo: HELLO, EncryptedPackage: HELLO }),
  ),
  sample('encrypted.docx.zip', 'an encrypted Office document in a zip', 'encrypted', () =>
    zip([{ name: 'a.docx', data: ole2({ EncryptionInfo: HELLO, EncryptedPackage: HELLO }) }]),
  ),
  sample('protected.doc', 'a rights-managed Office document', 'encrypted', () =>
    ole2({ '\tDRMContent': HELLO }),
  ),
  sample('password.doc', 'a Word document with a password, old format', 'encrypted', () => {
    const start = Buffer.from('eca5c10000000904000000010000', 'hex');
    start.writeUInt16LE(0x100, 10);
    return ole2({ WordDocument: start, '1Table': HELLO });
  }),
  sample('password.xls', 'an Excel workbook with a password, old format', 'encrypted', () =>
    ole2({ Workbook: Buffer.from(`09081000${'00'.repeat(16)}2f000600010001000100`, 'hex') }),
  ),
  sample('password.ppt', 'a PowerPoint presentation with a password, old format', 'encrypted', () =>
    ole2({ 'Current User': Buffer.from('0000f60f2000000014000000dfc4d1f3', 'hex') }),
  ),
  sample('blind.doc', 'a zip64 in a compound file', 'archive-structure', () =>
    ole2({ Package: blind() }),
  ),
  sample('rar.doc', 'a RAR in a compound file', 'infected', () =>
    ole2({ Package: rar('eicar.com', EICAR) }),
  ),
  sample('blind.pdf', 'a zip64 attached to a PDF', 'infected', () => pdf(blind())),
  sample('blind.eml', 'a zip64 attached to a mail', 'infected', () => mail(blind())),
  sample('rar.eml', 'a RAR attached to a mail', 'infected', () => mail(rar('eicar.com', EICAR))),
  sample('large-blind.tar.gz', 'a zip64 after 12 MB in a tar in gzip', 'infected', () =>
    gzipSync(
      tar(
        { name: 'a.csv', data: Buffer.from('2026-11-21;17;42.00\n'.repeat(600_000)) },
        { name: 'a.zip', data: blind() },
      ),
    ),
  ),
  sample(
    'script.html',
    '101 MB of HTML with script, which would take the engine a minute',
    'unsupported-format',
    () =>
      Buffer.concat([
        Buffer.from('<html><script>'),
        Buffer.alloc(101_000_000, 'var a = "b" + 1;\n'),
      ]),
  ),
  sample('large-two-members.tar.gz', 'in a second gzip member after 12 MB', 'infected', () =>
    Buffer.concat([
      gzipSync(tarEntry({ name: 'a', data: randomBytes(12_000_000) })),
      gzipSync(Buffer.concat([tarEntry(eicar), TAR_END])),
    ]),
  ),
  sample('large-truncated.gz', 'harmless, 12 MB in gzip, truncated', 'archive-structure', () =>
    gzipSync(randomBytes(12_000_000)).subarray(0, 11_000_000),
  ),
  sample(
    'large-tail.zip',
    'bytes after the packed data of a member of 12 MB',
    'archive-structure',
    () => {
      const data = randomBytes(12_000_000);
      return zip([{ name: 'a.bin', data, packed: Buffer.concat([deflateRawSync(data), EICAR]) }]);
    },
  ),
  sample(
    'large-wrong-size.zip',
    'harmless, a member of 12 MB that claims 11',
    'archive-structure',
    () => {
      const data = randomBytes(12_000_000);
      return zip([{ name: 'a.bin', data, local: { bytes: 11e6 }, central: { bytes: 11e6 } }]);
    },
  ),
];
