/** A tar entry, valid or not. */
export type TarEntry = {
  readonly name: string;
  readonly data: Buffer;
  readonly type?: string;
  readonly magic?: string;
  /** The raw size field, instead of the real size. */
  readonly size?: string;
  readonly brokenChecksum?: boolean;
};

export const TAR_END = Buffer.alloc(1024);

export function tar(...entries: readonly TarEntry[]): Buffer {
  return Buffer.concat([...entries.map(tarEntry), TAR_END]);
}

export function tarEntry(entry: TarEntry): Buffer {
  const { name, data } = entry;
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write('0000644\0', 100);
  header.write('0000000\0', 108);
  header.write('0000000\0', 116);
  header.write(entry.size ?? `${data.length.toString(8).padStart(11, '0')}\0`, 124, 'latin1');
  header.write('00000000000\0', 136);
  header.write(entry.type ?? '0', 156);
  header.write(entry.magic ?? 'ustar\x0000', 257, 'latin1');
  header.fill(' ', 148, 156);
  let sum = entry.brokenChecksum ? 1 : 0;
  for (const byte of header) sum += byte;
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([header, data, Buffer.alloc((512 - (data.length % 512)) % 512)]);
}
