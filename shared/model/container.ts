/**
 * A kind of file that holds other files, and that an opener can take them out of. Names are those of
 * 7-Zip's `-t` where 7-Zip opens it; `pdf`, `mail`, `rar`, `lz4` and `lzip` are opened by others.
 */
export type Container =
  | 'pdf'
  | 'mail'
  | 'rar'
  | 'lz4'
  | 'lzip'
  | 'zip'
  | 'tar'
  | 'gzip'
  | 'bzip2'
  | 'xz'
  | 'lzma'
  | 'zstd'
  | 'Z'
  | '7z'
  | 'cab'
  | 'arj'
  | 'lzh'
  | 'cpio'
  | 'ar'
  | 'rpm'
  | 'xar'
  | 'wim'
  | 'chm'
  | 'compound'
  | 'iso'
  | 'udf'
  | 'fat'
  | 'ntfs'
  | 'ext'
  | 'hfs'
  | 'apfs'
  | 'squashfs'
  | 'cramfs'
  | 'mbr'
  | 'gpt'
  | 'vhd'
  | 'vhdx'
  | 'vmdk'
  | 'vdi'
  | 'qcow'
  | 'dmg';

/** What our own reader says of a member, to be compared with what an opener took out. */
export type ListedMember = {
  readonly sizeBytes: number;
  /** Where the format has one. */
  readonly crc32?: number;
};
