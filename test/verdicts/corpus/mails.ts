import { gzipSync } from 'node:zlib';
import { EICAR } from '../../support/eicar.ts';
import { arrays } from './lookalikes.ts';
import { mail } from './other-containers.ts';
import { HELLO, sample, type Sample } from './sample.ts';
import { zip } from './zip.ts';

const document = (data: Buffer): Buffer =>
  zip([
    { name: '[Content_Types].xml', data: HELLO },
    { name: 'word/document.xml', data },
  ]);

/** Hidden where the engine does not look: in a zip64. */
const blind = arrays({ 'eicar.com': EICAR });

const HEADER = ['From: a@example.org', 'To: b@example.org', 'Subject: Hello', 'MIME-Version: 1.0'];

function lines(...text: readonly string[]): Buffer {
  return Buffer.from(text.join('\r\n'), 'latin1');
}

function part(type: string, encoding: string, body: string): readonly string[] {
  return [`Content-Type: ${type}`, `Content-Transfer-Encoding: ${encoding}`, '', body];
}

function multipart(type: string, boundary: string, ...parts: readonly (readonly string[])[]) {
  const inner = parts.flatMap((it) => [`--${boundary}`, ...it]);
  return [
    `Content-Type: multipart/${type}; boundary="${boundary}"`,
    '',
    ...inner,
    `--${boundary}--`,
    '',
  ];
}

function base64(data: Buffer): string {
  return (data.toString('base64').match(/.{1,76}/g) ?? []).join('\r\n');
}

function quotedPrintable(data: Buffer): string {
  return [...data]
    .map(
      (byte, index) =>
        `=${byte.toString(16).toUpperCase().padStart(2, '0')}${index % 20 === 19 ? '=\r\n' : ''}`,
    )
    .join('');
}

function uuencoded(name: string, data: Buffer): string {
  const character = (value: number): string =>
    value === 0 ? '`' : String.fromCodePoint(value + 32);
  const rows: string[] = [];
  for (let at = 0; at < data.length; at += 45) {
    const row = data.subarray(at, at + 45);
    let text = character(row.length);
    for (let from = 0; from < row.length; from += 3) {
      const word = ((row[from] ?? 0) << 16) | ((row[from + 1] ?? 0) << 8) | (row[from + 2] ?? 0);
      text += [18, 12, 6, 0].map((shift) => character((word >> shift) & 63)).join('');
    }
    rows.push(text);
  }
  return [`begin 644 ${name}`, ...rows, '`', 'end'].join('\n');
}

export const MAILS: readonly Sample[] = [
  sample('offer.eml', 'a mail with a Word document', 'clean', () => mail(document(HELLO))),
  sample('offer-infected.eml', 'the same with EICAR in the document', 'infected', () =>
    mail(document(EICAR)),
  ),
  sample('blind.docx.eml', 'a document with a zip64 in it', 'infected', () =>
    mail(document(blind)),
  ),
  sample('long-header.eml', 'a zip64 in a mail that begins with a long header', 'infected', () =>
    Buffer.concat([Buffer.from(`X-Long: ${'x'.repeat(9000)}\r\n`), mail(blind)]),
  ),
  sample('text.eml', 'a mail without attachments', 'clean', () =>
    lines(...HEADER, '', 'Hello', ''),
  ),
  sample('quoted.eml', 'a zip64 in quoted-printable', 'infected', () =>
    lines(
      ...HEADER,
      ...multipart(
        'mixed',
        'x',
        part('application/zip', 'quoted-printable', quotedPrintable(blind)),
      ),
    ),
  ),
  sample('alone.eml', 'a mail that is nothing but a zip64', 'infected', () =>
    lines(...HEADER, ...part('application/zip', 'base64', base64(blind))),
  ),
  sample('nested.eml', 'a zip64 in a mail in a mail', 'infected', () => {
    const inner = [
      ...HEADER,
      ...multipart('mixed', 'in', part('application/zip', 'base64', base64(blind))),
    ];
    const forwarded = ['Content-Type: message/rfc822', '', ...inner];
    return lines(...HEADER, ...multipart('mixed', 'out', forwarded));
  }),
  sample('related.eml', 'a zip64 in parts of parts', 'infected', () => {
    const inner = multipart('related', 'in', part('application/zip', 'base64', base64(blind)));
    return lines(
      ...HEADER,
      ...multipart('mixed', 'in-out', part('text/plain', '7bit', 'Hello'), inner),
    );
  }),
  sample('uuencoded.txt', 'a zip64 in a text, as Usenet has it', 'infected', () =>
    lines(...HEADER, '', 'Hello', '', uuencoded('a.zip', blind), ''),
  ),
  sample('mailbox.mbox', 'the second of two mails in a mailbox', 'infected', () => {
    const second = [...HEADER, ...part('application/zip', 'base64', base64(blind))];
    return lines(
      'From a Sat Nov 21 08:00:00 2026',
      ...HEADER,
      '',
      'Hello',
      '',
      'From b Sat Nov 21',
      ...second,
    );
  }),
  sample('epilogue.eml', 'a zip64 behind the last boundary', 'clean', () =>
    lines(
      ...HEADER,
      ...multipart('mixed', 'x', part('text/plain', '7bit', 'Hello')),
      base64(blind),
    ),
  ),
  sample('two-encodings.eml', 'harmless, a part that says two encodings', 'archive-structure', () =>
    lines(
      ...HEADER,
      ...multipart('mixed', 'x', [
        'Content-Transfer-Encoding: 7bit',
        ...part('application/zip', 'base64', base64(HELLO)),
      ]),
    ),
  ),
  sample('padded.eml', 'base64 that goes on behind its end', 'archive-structure', () =>
    lines(
      ...HEADER,
      ...part('application/zip', 'base64', `${base64(Buffer.from('a'))}\r\n${base64(blind)}`),
    ),
  ),
  sample('yenc.eml', 'harmless, a part in an encoding that is not known', 'archive-method', () =>
    lines(...HEADER, ...multipart('mixed', 'x', part('application/zip', 'x-yenc', 'abc'))),
  ),
  sample('gzip.eml', 'harmless gzip', 'clean', () => mail(gzipSync(HELLO))),
  sample('blank-lines.eml', 'a mail of half a million empty lines', 'clean', () =>
    Buffer.from(`From: a@example.org\nSubject: x\n\n${'\n'.repeat(500_000)}`),
  ),
];
