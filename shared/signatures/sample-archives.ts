import { crc32 } from 'node:zlib';

type Member = { readonly name: string; readonly content: Buffer };

/** A zip of uncompressed members. https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT */
export function storedZip(members: readonly Member[]): Buffer {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const { name, content } of members) {
    const common = Buffer.alloc(26);
    common.writeUInt16LE(10, 0); // version 1.0 suffices
    common.writeUInt16LE(0x21, 8); // 1 January 1980
    common.writeUInt32LE(crc32(content), 10);
    common.writeUInt32LE(content.length, 14);
    common.writeUInt32LE(content.length, 18);
    common.writeUInt16LE(name.length, 22);
    const where = Buffer.alloc(14);
    where.writeUInt32LE(offset, 10);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, Buffer.from(name), content]);
    const madeBy = Buffer.from([10, 0]);
    central.push(Buffer.from('PK\x01\x02'), madeBy, common, where, Buffer.from(name));
    locals.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06');
  end.writeUInt16LE(members.length, 8);
  end.writeUInt16LE(members.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, directory, end]);
}

const BLOCK_BYTES = 512;

/** A POSIX tar. https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html */
export function ustar(members: readonly Member[]): Buffer {
  const blocks = members.flatMap(({ name, content }) => {
    const header = Buffer.alloc(BLOCK_BYTES);
    header.write(name, 0);
    header.write('0000644\x000000000\x000000000\x00', 100);
    header.write(`${content.length.toString(8).padStart(11, '0')}\x00`, 124);
    header.write('00000000000\x00        0', 136);
    header.write('ustar\x0000', 257);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\x00 `, 148);
    const padding = Buffer.alloc((BLOCK_BYTES - (content.length % BLOCK_BYTES)) % BLOCK_BYTES);
    return [header, content, padding];
  });
  return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK_BYTES)]);
}
