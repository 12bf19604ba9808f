import { createHash } from 'node:crypto';
import { crc32, deflateSync } from 'node:zlib';

/** The "new ASCII" format of cpio. */
export function cpio(name: string, data: Buffer): Buffer {
  const entry = (title: string, content: Buffer): Buffer[] => {
    const numbers = [1, 0o100644, 0, 0, 1, 0, content.length, 0, 0, 0, 0, title.length + 1, 0];
    const header = `070701${numbers.map((n) => n.toString(16).padStart(8, '0')).join('')}${title}\0`;
    return [padded(Buffer.from(header), 4), padded(content, 4)];
  };
  return Buffer.concat([...entry(name, data), ...entry('TRAILER!!!', Buffer.alloc(0))]);
}

/** An `ar` archive, as in a Debian package. */
export function ar(name: string, data: Buffer): Buffer {
  const fields = [
    name.padEnd(16),
    '0'.padEnd(12),
    '0'.padEnd(6),
    '0'.padEnd(6),
    '100644'.padEnd(8),
  ];
  const header = `!<arch>\n${fields.join('')}${String(data.length).padEnd(10)}\`\n`;
  return Buffer.concat([Buffer.from(header), padded(data, 2)]);
}

/** RAR 4 with one stored file. */
export function rar(name: string, data: Buffer): Buffer {
  const block = (type: number, flags: number, fields: Buffer): Buffer => {
    const rest = Buffer.alloc(5);
    rest.writeUInt8(type, 0);
    rest.writeUInt16LE(flags, 1);
    rest.writeUInt16LE(7 + fields.length, 3);
    const body = Buffer.concat([rest, fields]);
    const crc = Buffer.alloc(2);
    crc.writeUInt16LE(crc32(body) & 0xffff);
    return Buffer.concat([crc, body]);
  };
  const file = Buffer.alloc(25);
  file.writeUInt32LE(data.length, 0);
  file.writeUInt32LE(data.length, 4);
  file.writeUInt8(3, 8); // made on Unix
  file.writeUInt32LE(crc32(data), 9);
  file.writeUInt8(20, 17); // version 2.0
  file.writeUInt8(0x30, 18); // stored
  file.writeUInt16LE(name.length, 19);
  file.writeUInt32LE(0o100644, 21);
  return Buffer.concat([
    Buffer.from('526172211a0700', 'hex'),
    block(0x73, 0, Buffer.alloc(6)),
    block(0x74, 0x8000, Buffer.concat([file, Buffer.from(name)])),
    data,
    block(0x7b, 0x4000, Buffer.alloc(0)),
  ]);
}

/** An LZ4 frame with one block that is not packed. */
export function lz4(data: Buffer): Buffer {
  const size = Buffer.alloc(4);
  size.writeUInt32LE((data.length | 0x80000000) >>> 0);
  const head = Buffer.from('04224d1860408200', 'hex').subarray(0, 7);
  return Buffer.concat([head, size, data, Buffer.alloc(4)]);
}

/** A cabinet with one stored file. */
export function cabinet(name: string, data: Buffer): Buffer {
  const title = Buffer.from(`${name}\0`);
  const folderAt = 36;
  const filesAt = folderAt + 8;
  const dataAt = filesAt + 16 + title.length;
  const whole = Buffer.alloc(dataAt + 8 + data.length);
  whole.write('MSCF', 0);
  whole.writeUInt32LE(whole.length, 8);
  whole.writeUInt32LE(filesAt, 16);
  whole.writeUInt8(3, 24);
  whole.writeUInt8(1, 25);
  whole.writeUInt16LE(1, 26);
  whole.writeUInt16LE(1, 28);
  whole.writeUInt32LE(dataAt, folderAt);
  whole.writeUInt16LE(1, folderAt + 4);
  whole.writeUInt32LE(data.length, filesAt);
  whole.writeUInt16LE(0x5c75, filesAt + 10);
  whole.writeUInt16LE(0x20, filesAt + 14);
  title.copy(whole, filesAt + 16);
  whole.writeUInt16LE(data.length, dataAt + 4);
  whole.writeUInt16LE(data.length, dataAt + 6);
  data.copy(whole, dataAt + 8);
  return whole;
}

/** A compound file ("OLE2") with streams of at most 4,096 bytes, each padded to that. */
export function ole2(streams: Readonly<Record<string, Buffer>>): Buffer {
  const names = Object.keys(streams);
  const directorySectors = Math.ceil((names.length + 1) / 4);
  const fat = Buffer.alloc(512, 0xff);
  const directory = Buffer.alloc(directorySectors * 512);
  fat.writeUInt32LE(0xfffffffd, 0);
  chain(fat, 1, directorySectors);
  const contents: Buffer[] = [];
  writeEntry(directory, 0, 'Root Entry', 5, 0xfffffffe, 0);
  directory.writeUInt32LE(1, 76);
  for (const [index, [name, data]] of Object.entries(streams).entries()) {
    const first = 1 + directorySectors + index * 8;
    chain(fat, first, 8);
    writeEntry(directory, (index + 1) * 128, name, 2, first, 4096);
    if (index + 1 < names.length) directory.writeUInt32LE(index + 2, (index + 1) * 128 + 72);
    contents.push(Buffer.concat([data, Buffer.alloc(4096 - data.length)]));
  }
  const header = Buffer.alloc(512, 0xff);
  Buffer.from('d0cf11e0a1b11ae1', 'hex').copy(header);
  header.fill(0, 8, 76);
  header.writeUInt16LE(0x3e, 24);
  header.writeUInt16LE(3, 26);
  header.writeUInt16LE(0xfffe, 28);
  header.writeUInt16LE(9, 30);
  header.writeUInt16LE(6, 32);
  header.writeUInt32LE(1, 44);
  header.writeUInt32LE(1, 48);
  header.writeUInt32LE(4096, 56);
  header.writeUInt32LE(0xfffffffe, 60);
  header.writeUInt32LE(0xfffffffe, 68);
  header.writeUInt32LE(0, 76);
  return Buffer.concat([header, fat, directory, ...contents]);
}

function chain(fat: Buffer, first: number, count: number): void {
  for (let at = first; at < first + count; at += 1) {
    fat.writeUInt32LE(at + 1 < first + count ? at + 1 : 0xfffffffe, at * 4);
  }
}

function writeEntry(
  directory: Buffer,
  at: number,
  name: string,
  type: number,
  start: number,
  size: number,
): void {
  const text = Buffer.from(`${name}\0`, 'utf16le');
  text.copy(directory, at);
  directory.writeUInt16LE(text.length, at + 64);
  directory.writeUInt8(type, at + 66);
  directory.writeUInt8(1, at + 67);
  directory.fill(0xff, at + 68, at + 80);
  directory.writeUInt32LE(start, at + 116);
  directory.writeUInt32LE(size, at + 120);
}

/** A mail with one attachment. */
export function mail(attached: Buffer): Buffer {
  const lines = [
    'From: a@example.org',
    'To: b@example.org',
    'Subject: Hello',
    'MIME-Version: 1.0',
    'Content-Type: multipart/mixed; boundary=x',
    '',
    '--x',
    'Content-Type: application/octet-stream; name=attached',
    'Content-Transfer-Encoding: base64',
    '',
    ...(attached.toString('base64').match(/.{1,76}/g) ?? []),
    '--x--',
    '',
  ];
  return Buffer.from(lines.join('\r\n'));
}

type PdfObject = { readonly dictionary: string; readonly stream?: Buffer };

/** A PDF of these objects, numbered from 1; the first one is the catalogue. */
export function pdfOf(objects: readonly PdfObject[], before = ''): Buffer {
  const parts: Buffer[] = [Buffer.from(before + '%PDF-1.5\n%\u00e2\u00e3\n', 'latin1')];
  const offsets: number[] = [];
  const size = (): number => parts.reduce((sum, { length }) => sum + length, 0);
  for (const [index, { dictionary, stream }] of objects.entries()) {
    offsets.push(size());
    const length = stream === undefined ? '' : ` /Length ${stream.length}`;
    parts.push(Buffer.from(`${index + 1} 0 obj\n<< ${dictionary}${length} >>\n`));
    if (stream) parts.push(Buffer.from('stream\n'), stream, Buffer.from('\nendstream\n'));
    parts.push(Buffer.from('endobj\n'));
  }
  const rows = offsets.map((at) => `${String(at).padStart(10, '0')} 00000 n \n`).join('');
  const table = `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${rows}`;
  const trailer = `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${size()}\n%%EOF\n`;
  return Buffer.concat([...parts, Buffer.from(table + trailer)]);
}

/** Of one empty page. */
export const PDF_PAGES: readonly PdfObject[] = [
  { dictionary: '/Type /Pages /Kids [3 0 R] /Count 1' },
  { dictionary: '/Type /Page /Parent 2 0 R /MediaBox [0 0 200 200]' },
];

/** A PDF with one attachment; `entries` go into the dictionary of its stream. */
export function pdf(
  attached: Buffer,
  { entries = '', filter = '/FlateDecode', packed = deflateSync(attached) } = {},
): Buffer {
  const names = '/Names << /EmbeddedFiles << /Names [(attached) 4 0 R] >> >>';
  return pdfOf([
    { dictionary: `/Type /Catalog /Pages 2 0 R ${names}` },
    ...PDF_PAGES,
    { dictionary: '/Type /Filespec /F (attached) /EF << /F 5 0 R >>' },
    { dictionary: `/Type /EmbeddedFile ${entries} /Filter ${filter}`, stream: packed },
  ]);
}

/** With the size and the checksum of the file, as most programs write it. */
export function pdfWithChecksum(attached: Buffer): Buffer {
  const sum = createHash('md5').update(attached).digest('hex');
  return pdf(attached, { entries: `/Params << /Size ${attached.length} /CheckSum <${sum}> >>` });
}

function padded(bytes: Buffer, to: number): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((to - (bytes.length % to)) % to)]);
}
