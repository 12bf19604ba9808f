import { EICAR } from '../../support/eicar.ts';
import { HELLO, sample, type Sample } from './sample.ts';
import { zip } from './zip.ts';

/** A floppy disk with one file (FAT12). */
function floppy(name: string, data: Buffer): Buffer {
  const sector = 512;
  const disk = Buffer.alloc(2880 * sector);
  Buffer.from('eb3c90', 'hex').copy(disk);
  disk.write('AIRLOCK ', 3);
  for (const [at, value] of [
    [11, sector],
    [14, 1],
    [17, 224],
    [19, 2880],
    [22, 9],
    [24, 18],
    [26, 2],
  ] as const) {
    disk.writeUInt16LE(value, at);
  }
  disk.writeUInt8(1, 13);
  disk.writeUInt8(2, 16);
  disk.writeUInt8(0xf0, 21);
  disk.writeUInt8(0x29, 38);
  disk.write('NO NAME    FAT12   ', 43);
  Buffer.from('55aa', 'hex').copy(disk, 510);
  for (const table of [1, 10]) Buffer.from('f0ffffff0f', 'hex').copy(disk, table * sector);
  const entry = 19 * sector;
  disk.write(name.padEnd(11), entry);
  disk.writeUInt8(0x20, entry + 11);
  disk.writeUInt16LE(2, entry + 26);
  disk.writeUInt32LE(data.length, entry + 28);
  data.copy(disk, 33 * sector);
  return disk;
}

/** A virtual hard disk of fixed size: the disk, and a footer. */
function fixedVhd(disk: Buffer): Buffer {
  const footer = Buffer.alloc(512);
  footer.write('conectix');
  footer.writeUInt32BE(2, 8);
  footer.writeUInt32BE(0x10000, 12);
  footer.fill(0xff, 16, 24);
  footer.writeBigUInt64BE(BigInt(disk.length), 40);
  footer.writeBigUInt64BE(BigInt(disk.length), 48);
  footer.writeUInt32BE(2, 60);
  const sum = footer.reduce((total, byte) => total + byte, 0);
  footer.writeUInt32BE(~sum >>> 0, 64);
  return Buffer.concat([disk, footer]);
}

/** A disk with one partition. */
function partitioned(partition: Buffer): Buffer {
  const table = Buffer.alloc(512 * 63);
  table.writeUInt8(0x01, 446 + 4);
  table.writeUInt32LE(63, 446 + 8);
  table.writeUInt32LE(partition.length / 512, 446 + 12);
  Buffer.from('55aa', 'hex').copy(table, 510);
  return Buffer.concat([table, partition]);
}

const infected = (): Buffer => floppy('EICAR   COM', EICAR);

export const DISKS: readonly Sample[] = [
  sample('hello.img', 'a floppy disk with a text', 'clean', () => floppy('HELLO   TXT', HELLO)),
  sample('floppy.img', 'on a floppy disk', 'infected', infected),
  sample('disk.vhd', 'on a virtual hard disk', 'infected', () => fixedVhd(infected())),
  sample('disk-in.zip', 'on a disk in a zip', 'infected', () =>
    zip([{ name: 'floppy.img', data: infected() }]),
  ),
  sample('disk.img', 'in a partition of a disk', 'infected', () => partitioned(infected())),
];
