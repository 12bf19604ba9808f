import { gzipSync } from 'node:zlib';
import { EICAR } from '../../support/eicar.ts';
import * as blobs from './blobs.ts';
import { cabinet, cpio, mail, ole2, pdf, pdfWithChecksum } from './other-containers.ts';
import { HELLO, sample, type Sample } from './sample.ts';
import { tar } from './tar.ts';
import { zip } from './zip.ts';

const eicar = { name: 'eicar.com', data: EICAR };
const hello = { name: 'hello.txt', data: HELLO };

export function nestedZip(levels: number): Buffer {
  let content: Buffer = EICAR;
  for (let level = 0; level < levels; level += 1)
    content = zip([{ name: 'inner.zip', data: content }]);
  return content;
}

function nestedGzip(levels: number): Buffer {
  let content: Buffer = EICAR;
  for (let level = 0; level < levels; level += 1) content = gzipSync(content);
  return content;
}

/** The engine finds these; a finding of the inspection does not matter then. */
export const INFECTED: readonly Sample[] = [
  sample('eicar.com', 'the EICAR file', 'infected', () => EICAR),
  sample('eicar.zip', 'in a zip', 'infected', () => zip([eicar])),
  sample('eicar-stored.zip', 'in a zip without compression', 'infected', () =>
    zip([{ ...eicar, method: 0 }]),
  ),
  sample('eicar-second.zip', 'after a harmless member', 'infected', () => zip([hello, eicar])),
  sample('eicar-streamed.zip', 'sizes after the data', 'infected', () =>
    zip([
      { ...hello, descriptor: 'signed' },
      { ...eicar, descriptor: 'signed' },
    ]),
  ),
  sample('eicar-descriptor.zip', 'sizes after the data, without a signature', 'infected', () =>
    zip([
      { ...hello, descriptor: 'plain' },
      { ...eicar, descriptor: 'plain' },
    ]),
  ),
  sample('eicar-deflate64.zip', 'packed with Deflate64', 'infected', () => blobs.eicarZipDeflate64),
  sample('eicar-bzip2.zip', 'packed with BZip2', 'infected', () => blobs.eicarZipBzip2),
  sample('eicar.docx', 'in a document', 'infected', () =>
    zip([
      { name: '[Content_Types].xml', data: HELLO },
      { name: 'word/vbaProject.bin', data: EICAR },
    ]),
  ),
  sample('eicar-nested-2.zip', 'in a zip in a zip', 'infected', () => nestedZip(2)),
  sample('eicar-nested-5.zip', 'in zips nested 5 deep', 'infected', () => nestedZip(5)),
  sample('eicar-nested-16.zip', 'in zips nested 16 deep', 'infected', () => nestedZip(16)),
  sample('eicar-nested-16.gz', 'in gzip 16 times over', 'infected', () => nestedGzip(16)),
  sample('eicar.run', 'in a zip after a script', 'infected', () =>
    zip([eicar], { prefix: Buffer.from('#!/bin/sh\n') }),
  ),
  sample('eicar-behind-7z', 'in a zip after a 7z', 'infected', () =>
    zip([eicar], { prefix: blobs.helloSevenZipLzma }),
  ),
  sample('eicar-junk.zip', 'in a zip followed by other bytes', 'infected', () =>
    zip([eicar], { suffix: Buffer.alloc(99, 'x') }),
  ),
  sample('eicar-renamed.zip', 'under two names', 'infected', () =>
    zip([{ ...eicar, local: { name: 'x.txt' } }]),
  ),
  sample('eicar-crc.zip', 'with a wrong CRC', 'infected', () =>
    zip([{ ...eicar, local: { crc: 1 }, central: { crc: 1 } }]),
  ),
  sample(
    'eicar-central-method.zip',
    'with an unknown method in the directory only',
    'infected',
    () => zip([{ ...eicar, central: { method: 99 } }]),
  ),
  sample('eicar.gz', 'in gzip', 'infected', () => gzipSync(EICAR)),
  sample('eicar-cut.gz', 'in gzip, truncated after it', 'infected', () =>
    gzipSync(EICAR).subarray(0, 80),
  ),
  sample('eicar.zip.gz', 'in a zip in gzip', 'infected', () => gzipSync(zip([eicar]))),
  sample('eicar.tar', 'in a tar', 'infected', () => tar(hello, eicar)),
  sample('eicar-v7.tar', 'in a tar without a magic', 'infected', () =>
    tar({ ...eicar, magic: '\0'.repeat(8) }),
  ),
  sample('eicar.tar.gz', 'in a tar in gzip', 'infected', () => gzipSync(tar(hello, eicar))),
  sample('eicar-pax.tar', 'in a tar with extended headers', 'infected', () =>
    tar({ name: 'p', type: 'x', data: Buffer.from('11 path=foo\n') }, eicar),
  ),
  sample('eicar.bz2', 'in bzip2', 'infected', () => blobs.eicarBz2),
  sample('eicar.xz', 'in xz', 'infected', () => blobs.eicarXz),
  sample('eicar-x86.xz', 'in xz with a filter', 'infected', () => blobs.eicarXzX86),
  sample('eicar-lzma.7z', 'in 7z (LZMA)', 'infected', () => blobs.eicarSevenZipLzma),
  sample('eicar-lzma2.7z', 'in 7z (LZMA2)', 'infected', () => blobs.eicarSevenZipLzma2),
  sample('eicar-ppmd.7z', 'in 7z (PPMd)', 'infected', () => blobs.eicarSevenZipPpmd),
  sample('eicar-copy.7z', 'in 7z, not packed', 'infected', () => blobs.eicarSevenZipCopy),
  sample('eicar.cpio', 'in cpio', 'infected', () => cpio('eicar.com', EICAR)),
  sample('eicar.cab', 'in a cabinet', 'infected', () => cabinet('eicar.com', EICAR)),
  sample('eicar.eml', 'attached to a mail', 'infected', () => mail(EICAR)),
  sample('eicar-zip.eml', 'in a zip attached to a mail', 'infected', () => mail(zip([eicar]))),
  sample('eicar.pdf', 'attached to a PDF', 'infected', () => pdf(EICAR)),
  sample(
    'eicar-checksum.pdf',
    'attached to a PDF with its checksum, which the engine passes over',
    'infected',
    () => pdfWithChecksum(EICAR),
  ),
  sample('eicar-zip.pdf', 'in a zip attached to a PDF', 'infected', () => pdf(zip([eicar]))),
  sample('eicar.doc', 'in a zip in a compound file', 'infected', () =>
    ole2({ Package: zip([eicar]) }),
  ),
];
