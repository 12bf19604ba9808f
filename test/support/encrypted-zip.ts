import { crc32 } from 'node:zlib';

/**
 * A zip with one member that claims to be encrypted (general purpose bit 0); nobody can read the
 * member, so its bytes are any. https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 */
export function encryptedZip(): Buffer {
  const name = Buffer.from('secret.txt');
  const data = Buffer.alloc(32, 0x5a);
  const common = Buffer.alloc(26);
  common.writeUInt16LE(20, 0); // version needed
  common.writeUInt16LE(1, 2); // encrypted
  common.writeUInt32LE(crc32(data), 10);
  common.writeUInt32LE(data.length, 14);
  common.writeUInt32LE(data.length - 12, 18);
  common.writeUInt16LE(name.length, 22);
  const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), common, name, data]);
  const central = Buffer.concat([
    Buffer.from('PK\x01\x02\x14\x00', 'latin1'),
    common,
    Buffer.alloc(14),
    name,
  ]);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(local.length, 16);
  return Buffer.concat([local, central, end]);
}
