import { EXIT, OpsError } from './ops-error.ts';

const POWERS: Readonly<Record<string, number>> = { '': 0, K: 1, M: 2, G: 3, T: 4 };

/**
 * Parses `1500`, `20KB`, `1.5 GB`: units are decimal; `20KiB` is binary.
 *
 * @throws OpsError for anything else
 */
export function parseSize(text: string): number {
  const parsed = /^(\d+(?:\.\d+)?)\s*(?:([KMGT])(i)?)?B?$/i.exec(text.trim());
  const [, number, unit = '', binary] = parsed ?? [];
  const power = POWERS[unit.toUpperCase()];
  if (number !== undefined && power !== undefined) {
    return Number(number) * (binary === undefined ? 1000 : 1024) ** power;
  }
  throw new OpsError(`"${text}" is not a size`, {
    how: 'give bytes (1500) or a unit (20KB, 1.5GB; 20KiB is binary)',
    exitCode: EXIT.usage,
  });
}

/** The same, but bytes are whole. @throws OpsError for anything else */
export function parseWholeSize(text: string): number {
  const bytes = parseSize(text);
  if (Number.isSafeInteger(bytes)) return bytes;
  throw new OpsError(`"${text}" is not a whole number of bytes`, {
    how: 'give bytes (1500) or a unit (20KB, 1.5GB; 20KiB is binary)',
    exitCode: EXIT.usage,
  });
}

/** @throws OpsError unless it is a whole number */
export function parseCount(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new OpsError(`"${text}" is not a whole number`, {
    how: 'give digits alone, as 100000',
    exitCode: EXIT.usage,
  });
}
