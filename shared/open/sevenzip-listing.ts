import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

/** A member as `7zz l -slt` describes it. */
export type SevenZipMember = {
  readonly name: string;
  readonly kind: 'file' | 'folder' | 'link' | 'special';
  /** `undefined` where the format does not say. */
  readonly sizeBytes: number | undefined;
  readonly crc32: number | undefined;
  readonly offset: number | undefined;
  readonly isEncrypted: boolean;
};

export type SevenZipListing = {
  readonly members: readonly SevenZipMember[];
  /** What is said about the archive itself, before its members. */
  readonly preamble: string;
};

const MEMBERS = '----------';
const PREAMBLE_CHARACTERS = 64 * 1024;
/** Far more than any of ours; a longer listing is not read on. */
const MAX_MEMBERS = 200_000;

/**
 * Reads what `7zz l -slt` writes: `Key = value` lines, members separated by empty lines. A name
 * cannot pretend to be lines of its own: 7-Zip writes `_` for a line end.
 */
export async function readListing(path: string): Promise<SevenZipListing> {
  const members: SevenZipMember[] = [];
  let preamble = '';
  let fields: Map<string, string> | undefined;
  const finish = (): void => {
    if (fields?.has('Path')) members.push(memberOf(fields));
    fields = new Map();
  };
  for await (const line of createInterface({ input: createReadStream(path) })) {
    if (fields === undefined) {
      if (line === MEMBERS) fields = new Map();
      else if (preamble.length < PREAMBLE_CHARACTERS) preamble += `${line}\n`;
    } else if (line === '') finish();
    else {
      const [, key, value] = /^([\w ]+) = ?(.*)$/.exec(line) ?? [];
      if (key !== undefined && value !== undefined) fields.set(key, value);
    }
    if (members.length > MAX_MEMBERS) break;
  }
  if (fields !== undefined) finish();
  return { members, preamble };
}

function memberOf(fields: ReadonlyMap<string, string>): SevenZipMember {
  const number = (key: string, base: number): number | undefined => {
    const value = Number.parseInt(fields.get(key) ?? '', base);
    return Number.isNaN(value) ? undefined : value;
  };
  return {
    name: fields.get('Path') ?? '',
    kind: kindOf(fields),
    sizeBytes: number('Size', 10),
    crc32: number('CRC', 16),
    offset: number('Offset', 10),
    isEncrypted: fields.get('Encrypted') === '+',
  };
}

function kindOf(fields: ReadonlyMap<string, string>): SevenZipMember['kind'] {
  if (fields.get('Folder') === '+') return 'folder';
  if (fields.get('Symbolic Link') || fields.get('Hard Link')) return 'link';
  return /^[pcbs]/.test(fields.get('Mode') ?? '') ? 'special' : 'file';
}
