import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import * as blobs from './blobs.ts';
import { mail, ole2, pdf, pdfOf, PDF_PAGES, pdfWithChecksum } from './other-containers.ts';
import { HELLO, sample, type Sample } from './sample.ts';
import { tar } from './tar.ts';
import { zip } from './zip.ts';

const hello = { name: 'hello.txt', data: HELLO };
const stored = { ...hello, method: 0 };
const MIMETYPE = { name: 'mimetype', method: 0 };
const ROWS = Buffer.from('2026-11-21;17;42.00\n'.repeat(600_000));
const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

function office(main: string): Buffer {
  const xml = Buffer.from('<?xml version="1.0"?><x>Hello</x>');
  // As Microsoft Office does: padding in the extra field of local headers only.
  const padding = Buffer.concat([Buffer.from('20a20400', 'hex'), Buffer.from('28a00000', 'hex')]);
  return zip([
    { name: '[Content_Types].xml', data: xml, flags: 6, local: { extra: padding } },
    { name: '_rels/.rels', data: xml, flags: 6, local: { extra: padding } },
    { name: main, data: xml, flags: 6 },
  ]);
}

function nested(levels: number): Buffer {
  let content: Buffer = HELLO;
  for (let level = 0; level < levels; level += 1)
    content = zip([{ name: 'inner.zip', data: content }]);
  return content;
}

/** A zip of so many bytes. */
function fillingZip(bytes: number): Buffer {
  const comment = Buffer.alloc(bytes - zip([hello]).length, ' ');
  return zip([hello], { comment });
}

/** Files as partners send them every day; all must be clean. */
export const HARMLESS: readonly Sample[] = [
  sample('empty', 'a file of no bytes', 'clean', () => Buffer.alloc(0)),
  sample('one-byte', 'a file of one byte', 'clean', () => Buffer.from('A')),
  sample('five-bytes', 'five bytes, fewer than the engine scans', 'clean', () =>
    Buffer.from('PK\x03\x04\n'),
  ),
  sample('text.txt', 'text', 'clean', () => HELLO),
  sample('table.csv', 'a million bytes of CSV', 'clean', () =>
    Buffer.from('2026-11-21;17;42.00\n'.repeat(50_000)),
  ),
  sample('digits.csv', 'CSV that starts with the digits of a cpio archive', 'clean', () =>
    Buffer.from('070701,12,13\n'.repeat(20)),
  ),
  sample('about-zip.txt', 'text with the magic numbers of a zip', 'clean', () =>
    Buffer.from('PK\x01\x02 and PK\x05\x06 are marks of a zip.\n'.repeat(9)),
  ),
  sample('random.bin', 'random bytes', 'clean', () => randomBytes(300_000)),
  sample('page.html', 'HTML', 'clean', () =>
    Buffer.from('<!doctype html><html><body><p>Hello</p></body></html>\n'),
  ),
  sample('orders.xml', 'XML', 'clean', () =>
    Buffer.from('<?xml version="1.0"?><orders><order id="1"/></orders>\n'),
  ),
  sample('orders.json', 'JSON', 'clean', () => Buffer.from(JSON.stringify({ orders: [1, 2, 3] }))),
  sample('paper.pdf', 'a PDF', 'clean', () =>
    pdfOf([{ dictionary: '/Type /Catalog /Pages 2 0 R' }, ...PDF_PAGES]),
  ),
  sample('dot.png', 'a picture', 'clean', () => Buffer.from(PNG, 'base64')),
  sample('old.doc', 'a compound file, like old Office documents', 'clean', () =>
    ole2({ WordDocument: HELLO, '1Table': HELLO }),
  ),
  sample(
    'infozip.docx',
    'a zip by Info-ZIP, the format of docx, xlsx, odt and epub',
    'clean',
    () => blobs.infozipDocx,
  ),
  sample('sevenzip.zip', 'a zip by 7-Zip', 'clean', () => blobs.sevenZipZip),
  sample('python.zip', 'a zip by Python', 'clean', () => blobs.pythonZip),
  sample(
    'python-streamed.zip',
    'the same into a pipe: sizes after the data',
    'clean',
    () => blobs.pythonStreamedZip,
  ),
  sample('infozip-piped.zip', 'a zip by Info-ZIP into a pipe', 'clean', () => blobs.infozipPiped),
  sample('git.zip', 'a zip by git archive, with a comment', 'clean', () => blobs.gitZip),
  sample('java.jar', 'a jar by the JDK', 'clean', () => blobs.jar),
  sample('office.docx', 'a zip as Microsoft Word writes it', 'clean', () =>
    office('word/document.xml'),
  ),
  sample('office.xlsx', 'a zip as Microsoft Excel writes it', 'clean', () =>
    office('xl/workbook.xml'),
  ),
  sample('office.pptx', 'a zip as Microsoft PowerPoint writes it', 'clean', () =>
    office('ppt/presentation.xml'),
  ),
  sample(
    'libreoffice.odt',
    'a zip as LibreOffice writes it: type first, sizes after the data',
    'clean',
    () =>
      zip([
        { ...MIMETYPE, data: Buffer.from('application/vnd.oasis.opendocument.text') },
        { name: 'Configurations2/', data: Buffer.alloc(0), method: 0 },
        { name: 'content.xml', data: HELLO, descriptor: 'signed', flags: 0x800 },
      ]),
  ),
  sample('book.epub', 'an e-book', 'clean', () =>
    zip([
      { ...MIMETYPE, data: Buffer.from('application/epub+zip') },
      { name: 'META-INF/container.xml', data: HELLO },
    ]),
  ),
  sample('empty.zip', 'a zip without members', 'clean', () => zip([])),
  sample('stored.zip', 'a zip without compression', 'clean', () =>
    zip([stored, { ...stored, name: 'b' }]),
  ),
  sample('commented.zip', 'a zip with a comment', 'clean', () =>
    zip([hello], { comment: Buffer.from('made on a Friday') }),
  ),
  sample('descriptors.zip', 'sizes after the data, without a signature', 'clean', () =>
    zip([
      { ...hello, descriptor: 'plain' },
      { ...stored, descriptor: 'plain' },
    ]),
  ),
  sample('long-descriptors.zip', 'sizes of 8 bytes after the data', 'clean', () =>
    zip([
      { ...hello, descriptor: 'zip64' },
      { ...hello, name: 'b', descriptor: 'zip64' },
    ]),
  ),
  sample(
    'setup.run',
    'a script followed by a zip, offsets from the start of the file',
    'clean',
    () => zip([hello], { prefix: Buffer.from('#!/bin/sh\nexec unzip "$0"\n') }),
  ),
  sample('setup-uncounted.run', 'the same, offsets from the start of the zip', 'clean', () =>
    zip([hello], { prefix: Buffer.from('#!/bin/sh\nexec unzip "$0"\n'), prefixUncounted: true }),
  ),
  sample('many.zip', 'a zip with 2,000 members', 'clean', () =>
    zip(Array.from({ length: 2000 }, (_, index) => ({ ...hello, name: `${index}.txt` }))),
  ),
  sample('zeros.zip', 'a zip with 20 MB of zeros', 'clean', () =>
    zip([{ name: 'zeros', data: Buffer.alloc(20_000_000) }]),
  ),
  sample('nested-3.zip', 'a zip in a zip in a zip', 'clean', () => nested(3)),
  sample('nested-15.zip', 'zips nested 15 deep', 'clean', () => nested(15)),
  sample('documents.zip', 'a zip of documents', 'clean', () =>
    zip([
      { name: 'a.docx', data: office('word/document.xml') },
      { name: 'b.docx', data: blobs.infozipDocx, method: 0 },
    ]),
  ),
  sample('text.gz', 'gzip', 'clean', () => gzipSync(HELLO)),
  sample('named.gz', 'gzip with the name of the file', 'clean', () => blobs.namedGz),
  sample('large.gz', 'gzip of 12 MB', 'clean', () => gzipSync(ROWS)),
  sample('gnu.tar.gz', 'a tar by GNU tar, gzipped', 'clean', () => blobs.targnuGz),
  sample('pax.tar.gz', 'the same with extended headers', 'clean', () => blobs.tarpaxGz),
  sample('ustar.tar.gz', 'the same in the POSIX format', 'clean', () => blobs.tarustarGz),
  sample('v7.tar.gz', 'the same in the oldest format', 'clean', () => blobs.tarv7Gz),
  sample('long-name.tar.gz', 'a tar with a name of 150 letters', 'clean', () => blobs.longTarGz),
  sample('documents.tar', 'a tar with a document in it', 'clean', () =>
    tar({ name: 'a.docx', data: office('word/document.xml') }, hello),
  ),
  sample('large.tar.gz', 'a tar of 12 MB, gzipped', 'clean', () =>
    gzipSync(
      tar(
        { name: 'orders.csv', data: ROWS },
        { name: 'a.docx', data: office('word/document.xml') },
      ),
    ),
  ),
  sample('note.eml', 'a mail with a picture', 'clean', () => mail(Buffer.from(PNG, 'base64'))),
  sample('headers.txt', 'text with colons', 'clean', () =>
    Buffer.from('From: here\nTo: there\n\nUEsD\n\nHello\n'),
  ),
  sample('attached.pdf', 'a PDF with a text attached', 'clean', () => pdf(HELLO)),
  sample('embedded.doc', 'a compound file with a zip in it, as Office stores themes', 'clean', () =>
    ole2({ WordDocument: fillingZip(4096), '1Table': HELLO }),
  ),
  sample('checksum.pdf', 'a PDF with a text attached, with its checksum', 'clean', () =>
    pdfWithChecksum(HELLO),
  ),
  sample('text.bz2', 'bzip2', 'clean', () => blobs.helloBz2),
  sample('text.xz', 'xz', 'clean', () => blobs.helloXz),
];
