import { isUtf8 } from 'node:buffer';
import { isReachableName } from '../storage/paths.ts';

/** What the sending side writes before each file; `times` precede the record they apply to. */
export type ScpRecord =
  | { readonly kind: 'file'; readonly sizeBytes: number; readonly name: string }
  | { readonly kind: 'folder'; readonly name: string }
  | { readonly kind: 'end-of-folder' }
  /** Epoch milliseconds. */
  | { readonly kind: 'times'; readonly modifiedAt: number }
  /** An error of the sending side, which continues with the next file. */
  | { readonly kind: 'warning'; readonly message: string }
  /** Not a record, or one with a name that is not allowed. */
  | { readonly kind: 'invalid'; readonly why: string };

/** S3's largest object, 5 TiB. Uploads have a lower limit. */
const MAX_FILE_BYTES = 5 * 1024 ** 4;

/** @param line without its newline */
export function parseRecord(line: Buffer): ScpRecord {
  if (!isUtf8(line)) return invalid('the name is not UTF-8');
  const text = line.toString('utf8');
  if (line[0] === 1 || line[0] === 2) return { kind: 'warning', message: text.slice(1) };
  if (text === 'E') return { kind: 'end-of-folder' };
  const times = /^T(\d{1,11}) \d{1,6} \d{1,11} \d{1,6}$/.exec(text);
  if (times !== null) return { kind: 'times', modifiedAt: Number(times[1]) * 1000 };
  const [, kind, size = '', name = ''] = /^([CD])[0-7]{4,5} (\d{1,16}) (.*)$/s.exec(text) ?? [];
  if (kind === undefined) return invalid('unexpected record');
  // A name must be a single path segment.
  if (!isReachableName(name)) return invalid('unexpected file name');
  if (kind === 'D') return { kind: 'folder', name };
  const sizeBytes = Number(size);
  if (sizeBytes > MAX_FILE_BYTES) return invalid('the size is beyond what can be stored');
  return { kind: 'file', sizeBytes, name };
}

/** @param modifiedAt epoch milliseconds */
export function timesRecord(modifiedAt: number): string {
  const seconds = Math.max(0, Math.floor(modifiedAt / 1000));
  return `T${seconds} 0 ${seconds} 0\n`;
}

export function fileRecord(sizeBytes: number, name: string): string {
  return `C0644 ${sizeBytes} ${name}\n`;
}

export function folderRecord(name: string): string {
  return `D0755 0 ${name}\n`;
}

export const END_OF_FOLDER = 'E\n';

function invalid(why: string): ScpRecord {
  return { kind: 'invalid', why };
}
