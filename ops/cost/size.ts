import { EXIT, OpsError } from '../ops-error.ts';

const UNITS: Readonly<Record<string, number>> = { '': 1, K: 1e3, M: 1e6, G: 1e9, T: 1e12 };

/** Parses `1500`, `20KB`, `1.5 GB`; units are decimal. @throws OpsError for anything else */
export function parseSize(text: string): number {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)\s*([KMGT]?)B?$/i.exec(text.trim()) ?? [];
  const factor = UNITS[unit.toUpperCase()];
  if (number !== undefined && factor !== undefined) return Number(number) * factor;
  throw new OpsError(`"${text}" is not a size`, {
    how: 'give bytes (1500) or a unit (20KB, 1.5GB)',
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
