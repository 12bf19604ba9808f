import { deflateSync } from 'node:zlib';
import { EICAR } from '../../support/eicar.ts';
import * as blobs from './blobs.ts';
import { arrays } from './lookalikes.ts';
import { PDF_PAGES, pdf, pdfOf, pdfWithChecksum } from './other-containers.ts';
import { HELLO, sample, type Sample } from './sample.ts';
import { zip } from './zip.ts';

/** Objects that are packed together in a stream, as most programs write them since 2003. */
function packedObjects(): Buffer {
  const inner = '<< /Type /Filespec /F (a) /EF << /F 5 0 R >> >>';
  const stream = deflateSync(Buffer.from(`6 0 ${inner}`));
  return pdfOf([
    { dictionary: '/Type /Catalog /Pages 2 0 R' },
    ...PDF_PAGES,
    { dictionary: '/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode', stream },
    {
      dictionary: `/Type /EmbeddedFile /Params << /CheckSum <00> >> /Filter /FlateDecode`,
      stream: deflateSync(EICAR),
    },
  ]);
}

export const DOCUMENTS: readonly Sample[] = [
  sample('sheet.pdf', 'a PDF with a zip attached', 'clean', () =>
    pdfWithChecksum(zip([{ name: 'a', data: HELLO }])),
  ),
  sample('blind-checksum.pdf', 'a zip64 attached', 'infected', () =>
    pdfWithChecksum(arrays({ 'a.com': EICAR })),
  ),
  sample('7z-attached.pdf', 'a 7z (BZip2) attached', 'infected', () =>
    pdfWithChecksum(blobs.eicarSevenZipBzip2),
  ),
  sample('packed-twice.pdf', 'packed twice over', 'infected', () =>
    pdf(EICAR, { filter: '[/FlateDecode /FlateDecode]', packed: deflateSync(deflateSync(EICAR)) }),
  ),
  sample('hex.pdf', 'in hexadecimal', 'infected', () =>
    pdf(EICAR, {
      entries: '/Params << /CheckSum <00> >>',
      filter: '/ASCIIHexDecode',
      packed: Buffer.from(`${EICAR.toString('hex')}>`),
    }),
  ),
  sample('object-stream.pdf', 'named in a stream of objects', 'infected', packedObjects),
  sample('behind-script.pdf', 'in a PDF behind the first line of a script', 'infected', () =>
    pdfOf(
      [
        { dictionary: '/Type /Catalog /Pages 2 0 R' },
        ...PDF_PAGES,
        { dictionary: '/Type /Filespec /F (a) /EF << /F 5 0 R >>' },
        {
          dictionary: '/Type /EmbeddedFile /Params << /CheckSum <00> >> /Filter /FlateDecode',
          stream: deflateSync(EICAR),
        },
      ],
      '#!/bin/sh\n',
    ),
  ),
  sample('pdf-in-pdf.pdf', 'in a PDF in a PDF', 'infected', () =>
    pdfWithChecksum(pdfWithChecksum(EICAR)),
  ),
  sample('pdf-in.zip', 'in a PDF in a zip', 'infected', () =>
    zip([{ name: 'a.pdf', data: pdfWithChecksum(EICAR) }]),
  ),
  sample('picture-filter.pdf', 'an attachment packed like a picture', 'archive-method', () =>
    pdf(EICAR, { filter: '/CCITTFaxDecode', packed: Buffer.from('26a1d3', 'hex') }),
  ),
  sample('cut.pdf', 'harmless, without its end', 'archive-structure', () =>
    pdfWithChecksum(HELLO).subarray(0, -60),
  ),
  sample('no-objects.pdf', 'harmless, a PDF by its first line only', 'clean', () =>
    Buffer.from(`%PDF-1.4\n${'stream\n'.repeat(150_000)}`),
  ),
];
