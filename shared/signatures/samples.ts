import { gzipSync } from 'node:zlib';
import { storedZip, ustar } from './sample-archives.ts';

/** A file that a new database is tested with before it is published. */
export type Sample = { readonly name: string; readonly content: Buffer };

/** The EICAR test file, kept encoded so that no scanner objects to this source. https://www.eicar.org */
const EICAR = Buffer.from(
  'WDVPIVAlQEFQWzRcUFpYNTQoUF4pN0NDKTd9JEVJQ0FSLVNUQU5EQVJELUFOVElWSVJVUy1URVNULUZJTEUhJEgrSCo=',
  'base64',
);

const LINES = [
  'id;name;amount',
  ...Array.from({ length: 200 }, (_, n) => `${n};item ${n};${n}.50`),
];
const CSV = Buffer.from(LINES.join('\r\n'));

/** Every database must find these: the test file plain and packed. */
export const INFECTED: readonly Sample[] = [
  { name: 'eicar.com', content: EICAR },
  { name: 'eicar.zip', content: storedZip([{ name: 'eicar.com', content: EICAR }]) },
  { name: 'eicar.com.gz', content: gzipSync(EICAR) },
];

/** No database may find anything in these: small harmless files of the kinds that partners send. */
export const HARMLESS: readonly Sample[] = [
  { name: 'orders.csv', content: CSV },
  text('readme.txt', 'Good morning,\nplease find the orders of the week attached.\n'),
  text('orders.json', JSON.stringify({ orders: LINES })),
  text('orders.xml', '<?xml version="1.0" encoding="UTF-8"?>\n<orders><order id="1"/></orders>\n'),
  text('page.html', '<!DOCTYPE html><html><body><h1>Orders</h1><p>None today.</p></body></html>\n'),
  text('nightly.sh', '#!/bin/sh\nset -eu\ncp orders.csv archive/\n'),
  text(
    'sum.js',
    'const sum = (list) => list.reduce((a, b) => a + b, 0);\nconsole.log(sum([1, 2]));\n',
  ),
  text('load.sql', "INSERT INTO orders (id, name) VALUES (1, 'item');\n"),
  text('letter.rtf', String.raw`{\rtf1\ansi Good morning, {\b the orders}.\par}`),
  text('invoice.edi', "UNA:+.? 'UNB+UNOC:3+SENDER+RECEIVER+261121:0930+1'UNZ+0+1'\n"),
  text(
    'mail.eml',
    'From: a@example.com\r\nTo: b@example.com\r\nSubject: Orders\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\nNone today.\r\n',
  ),
  { name: 'orders.csv.gz', content: gzipSync(CSV) },
  { name: 'orders.zip', content: storedZip([{ name: 'orders.csv', content: CSV }]) },
  { name: 'orders.tar', content: ustar([{ name: 'orders.csv', content: CSV }]) },
  { name: 'letter.docx', content: storedZip(wordDocument()) },
  { name: 'report.pdf', content: pdf() },
  {
    name: 'dot.png',
    content: Buffer.from(
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==',
      'base64',
    ),
  },
  {
    name: 'dot.gif',
    content: Buffer.from('R0lGODlhAQABAIAAAAAAAP///ywAAAAAAQABAAACAUwAOw==', 'base64'),
  },
];

function text(name: string, content: string): Sample {
  return { name, content: Buffer.from(content) };
}

function wordDocument(): readonly Sample[] {
  const package_ = 'http://schemas.openxmlformats.org/package/2006';
  const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
  const word = 'http://schemas.openxmlformats.org/wordprocessingml/2006/main';
  const type = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml';
  return [
    text(
      '[Content_Types].xml',
      `<Types xmlns="${package_}/content-types"><Override PartName="/word/document.xml" ContentType="${type}"/></Types>`,
    ),
    text(
      '_rels/.rels',
      `<Relationships xmlns="${package_}/relationships"><Relationship Id="r1" Type="${office}/officeDocument" Target="word/document.xml"/></Relationships>`,
    ),
    text(
      'word/document.xml',
      `<w:document xmlns:w="${word}"><w:body><w:p><w:r><w:t>Orders</w:t></w:r></w:p></w:body></w:document>`,
    ),
  ];
}

/** One empty page, with a valid cross-reference table. */
function pdf(): Buffer {
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>',
  ];
  let body = '%PDF-1.4\n';
  const offsets = objects.map((object, index) => {
    const offset = body.length;
    body += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return `${String(offset).padStart(10, '0')} 00000 n \n`;
  });
  const size = objects.length + 1;
  const table = `xref\n0 ${size}\n0000000000 65535 f \n${offsets.join('')}`;
  const end = `trailer\n<< /Size ${size} /Root 1 0 R >>\nstartxref\n${body.length}\n%%EOF\n`;
  return Buffer.from(body + table + end);
}
