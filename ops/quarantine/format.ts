import { table } from '../output.ts';
import type { Kept } from './quarantined-files.ts';

/** The list that `quarantine list` prints. */
export function listWords(all: readonly Kept[]): string {
  if (all.length === 0) return 'Nothing is in quarantine.';
  return table(
    ['KEPT', 'VERDICT', 'BYTES', 'KEY', 'FINDING', 'VERSION'],
    all.map(({ keptAt, verdict, sizeBytes, key, finding, versionId }) => [
      keptAt,
      verdict,
      String(sizeBytes),
      key,
      finding,
      versionId,
    ]),
  );
}

/** All the evidence on one file. */
export function keptWords({ metadata, ...kept }: Kept): string {
  const facts = Object.entries({ ...kept, ...metadata }).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)]],
  );
  return table(['FACT', ''], facts);
}
