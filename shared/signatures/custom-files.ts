import { CUSTOM } from './published.ts';

/**
 * Kinds of custom files: signatures by content (`ndb`, `ldb`), by hash (`hdb`, `hsb`) and
 * by section hash (`mdb`, `msb`); harmless files by hash (`fp`, `sfp`); signatures to ignore (`ign2`).
 * https://docs.clamav.net/manual/Signatures.html
 */
const KINDS = /^[\w][\w.-]*\.(ndb|ldb|hdb|hsb|mdb|msb|fp|sfp|ign2)$/;

/**
 * The file name in the database for an object `custom/<name>`.
 *
 * @throws Error for a file that clamd would ignore
 */
export function customName(key: string): string {
  const name = key.replace(/^custom\//, '');
  if (KINDS.test(name)) return `${CUSTOM}${name}`;
  throw new Error(
    `${key} is not a signature file that clamd loads: its name must end in .ndb, .ldb, .hdb, .hsb, .mdb, .msb, .fp, .sfp or .ign2`,
  );
}
