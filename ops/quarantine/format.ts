import { showInvisible } from '../../shared/platform/control-characters.ts';
import { counted, instantCell, table } from '../output.ts';
import { shortIds } from '../short-ids.ts';
import type { QuarantinedFile } from './quarantined-files.ts';

type Choice = {
  readonly prefix: string;
  readonly verdict: string | undefined;
  /** In quarantine, whatever was chosen. */
  readonly allCount: number;
};

/** The list that `quarantine list` prints. */
export function formatList(files: readonly QuarantinedFile[], choice: Choice): string {
  if (files.length === 0) return nothing(choice);
  const short = shortIds(files.map(({ versionId }) => versionId));
  return table(
    ['QUARANTINED', 'VERDICT', 'BYTES', 'KEY', 'FINDING', 'VERSION'],
    files.map(({ quarantinedAt, verdict, sizeBytes, key, finding, versionId }) => [
      instantCell(Date.parse(quarantinedAt)),
      verdict,
      String(sizeBytes),
      key,
      finding,
      short(versionId),
    ]),
  );
}

function nothing({ prefix, verdict, allCount }: Choice): string {
  if (allCount === 0) return 'Nothing is in quarantine.';
  const what = `Nothing ${verdict === undefined ? '' : `${verdict} `}is in quarantine`;
  const where = prefix === '' ? '' : ` under ${prefix}`;
  return showInvisible(`${what}${where}; ${counted(allCount, 'file')} in all.`);
}

/** All the evidence on one file. */
export function formatFile({ metadata, ...file }: QuarantinedFile): string {
  return Object.entries({ ...file, ...metadata })
    .flatMap(([name, value]) =>
      value === undefined ? [] : [`${name.padEnd(15)}  ${showInvisible(String(value))}`],
    )
    .join('\n');
}
