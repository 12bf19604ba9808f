import { table } from '../output.ts';
import type { QuarantinedFile } from './quarantined-files.ts';

/** The list that `quarantine list` prints. */
export function formatList(files: readonly QuarantinedFile[]): string {
  if (files.length === 0) return 'Nothing is in quarantine.';
  return table(
    ['QUARANTINED', 'VERDICT', 'BYTES', 'KEY', 'FINDING', 'VERSION'],
    files.map(({ quarantinedAt, verdict, sizeBytes, key, finding, versionId }) => [
      quarantinedAt,
      verdict,
      String(sizeBytes),
      key,
      finding,
      versionId,
    ]),
  );
}

/** All the evidence on one file. */
export function formatFile({ metadata, ...file }: QuarantinedFile): string {
  const facts = Object.entries({ ...file, ...metadata }).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)]],
  );
  return table(['FACT', ''], facts);
}
