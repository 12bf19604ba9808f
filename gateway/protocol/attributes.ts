import type { Attributes, NameEntry } from './replies.ts';

const FILE_MODE = 0o100644;
const FOLDER_MODE = 0o040755;

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** For older files `ls -l` shows the year instead of the time of day. */
const RECENT_MS = 182 * 24 * 60 * 60 * 1000;

export function fileAttributes(sizeBytes: number, modifiedAt: number): Attributes {
  return { mode: FILE_MODE, isFolder: false, sizeBytes, modifiedAt };
}

/** A folder without a marker object has no time. The default, the epoch, never changes. */
export function folderAttributes(modifiedAt = 0): Attributes {
  return { mode: FOLDER_MODE, isFolder: true, sizeBytes: 0, modifiedAt };
}

/** One name with its `ls -l` line, times in UTC. */
export function nameEntry(
  filename: string,
  attributes: Attributes,
  owner: string,
  nowMs: number,
): NameEntry {
  const kind = attributes.isFolder ? 'drwxr-xr-x' : '-rw-r--r--';
  const size = String(attributes.sizeBytes).padStart(12);
  const day = dayText(attributes.modifiedAt, nowMs);
  const who = `${owner.padEnd(8)} ${owner.padEnd(8)}`;
  return { filename, attributes, longname: `${kind}    1 ${who} ${size} ${day} ${filename}` };
}

function dayText(at: number, nowMs: number): string {
  const date = new Date(at);
  const day = `${MONTHS[date.getUTCMonth()]} ${String(date.getUTCDate()).padStart(2)}`;
  const isRecent = Math.abs(nowMs - at) < RECENT_MS;
  const time = isRecent ? date.toISOString().slice(11, 16) : String(date.getUTCFullYear());
  return `${day} ${time.padStart(5)}`;
}
