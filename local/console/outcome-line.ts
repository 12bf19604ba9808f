import type { Notice } from '../../shared/notify/notice.ts';
import { assertNever } from '../../shared/platform/assert-never.ts';
import { showInvisible } from '../../shared/platform/control-characters.ts';

/** One outcome as a readable line, without the line end. */
export function outcomeLine(notice: Notice): string {
  const time = new Date(notice.at).toTimeString().slice(0, 8);
  const { object } = notice;
  const name = object === undefined ? 'a message' : object.key;
  const size = object === undefined ? '' : ` (${humanBytes(object.sizeBytes)})`;
  const line = `${time}  ${notice.outcome.padEnd(11)}  ${name}${size}${reasonOf(notice)}`;
  return showInvisible(line);
}

function reasonOf(notice: Notice): string {
  const { outcome, signature, reason, code, unscanned } = notice;
  switch (outcome) {
    case 'delivered':
      return unscanned === undefined ? '' : `: not scanned, by the partner's policy (${unscanned})`;
    case 'quarantined':
      return `: ${signature}`;
    case 'refused':
      return `: ${code}: ${reason}; it is in the dead-letter queue`;
    case 'held':
    case 'skipped':
    case 'superseded':
      return `: ${reason}`;
    default:
      return assertNever(outcome);
  }
}

/** `999 B`, `1.5 kB`, `20.0 MB`: decimal units, as file managers show them. */
export function humanBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = bytes < 1000 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), units.length - 1);
  const value = bytes / 1000 ** power;
  return `${power === 0 ? value : value.toFixed(1)} ${units[power]}`;
}
