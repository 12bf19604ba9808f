import type { Container, ListedMember } from '../model/container.ts';
import type { Finding } from '../model/verdict.ts';
import { exceeded, OPENING, type OpeningBudget } from './opening-budget.ts';
import type { SevenZipListing, SevenZipMember } from './sevenzip-listing.ts';

/** How a program ended; `run` knows. */
type Ended = {
  readonly exitCode: number | undefined;
  readonly killedFor: string | undefined;
  readonly said: string;
};

/** Not enough memory, by 7-Zip's manual: a dictionary larger than our limit. */
const NO_MEMORY = 8;

/** One file, packed: it has no list, and its size is not written down, or not reliably. */
export const STREAMS: readonly Container[] = ['gzip', 'bzip2', 'xz', 'lzma', 'zstd', 'Z'];

const WARNED =
  /^(?:WARNINGS?|ERRORS?):|^(?:Warnings|Errors|Tail Size) = |Archives with Warnings|There are (?:some )?data after/m;

/**
 * What 7-Zip's exit means. Exit code 0 is not enough: it also says that with a warning.
 *
 * @returns why not everything was read; `undefined`: everything was
 */
export function judgeExit(ended: Ended, container: Container): Finding | undefined {
  const { exitCode, killedFor, said } = ended;
  if (killedFor === 'time' || killedFor === 'size' || killedFor === 'SIGXCPU')
    return exceeded(
      `takes too much ${killedFor === 'size' ? 'space' : 'time'} to open (${container})`,
    );
  if (killedFor !== undefined)
    return {
      reason: 'archive-structure',
      detail: `7-Zip was killed by ${killedFor} (${container})`,
    };
  if (exitCode === NO_MEMORY || /Can't allocate required memory/.test(said))
    return exceeded(`takes too much memory to open (${container})`);
  if (/Wrong password|encrypted (?:archive|file)/i.test(said))
    return { reason: 'encrypted', detail: `encrypted (${container})` };
  if (/Unsupported Method/i.test(said))
    return {
      reason: 'archive-method',
      detail: `packed in a way that cannot be unpacked (${container})`,
    };
  if (exitCode === 0 && !WARNED.test(said)) return undefined;
  return { reason: 'archive-structure', detail: `${container}: ${reasonIn(said)}` };
}

/** The first line that names a fault, without the path of ours behind it. */
function reasonIn(said: string): string {
  const lines = said.split('\n').map((line) => line.trim());
  const title = lines.findIndex((line) => /^(?:WARNINGS?|ERRORS?):$/.test(line));
  const line =
    (title >= 0 ? lines[title + 1] : undefined) ??
    lines.find((it) => /^(?:ERROR|WARNING)\b|after the end|^Tail Size/.test(it)) ??
    'it cannot be read';
  return line.replaceAll(/\S*\/airlock-open-\S+/g, '...').slice(0, 200);
}

/** Whether so much may be taken out at all, before it is. */
export function judgeListing(
  { members }: SevenZipListing,
  budget: OpeningBudget,
): Finding | undefined {
  if (members.some((it) => it.isEncrypted))
    return { reason: 'encrypted', detail: 'an encrypted member' };
  if (members.length > budget.membersLeft)
    return exceeded(`more than ${OPENING.members} files in it`);
  const bytes = members.reduce((sum, { sizeBytes }) => sum + (sizeBytes ?? 0), 0);
  return bytes > budget.bytesLeft
    ? exceeded(`more than ${OPENING.bytes} bytes when unpacked`)
    : undefined;
}

/**
 * Whether all that the listing names was taken out: as many files, as many bytes; and, where our own
 * reader listed them too, whether both saw the same.
 */
export function judgeAgreement(
  container: Container,
  members: readonly SevenZipMember[],
  taken: { readonly files: number; readonly bytes: number; readonly links: number },
  listed: readonly ListedMember[] | undefined,
): Finding | undefined {
  const count = taken.files + taken.links;
  if (STREAMS.includes(container))
    return count === 1 ? undefined : disagreement(container, `${count} files came out`);
  const files = members.filter(({ kind }) => kind !== 'folder');
  if (files.length !== count)
    return disagreement(container, `${files.length} files are listed, ${count} came out`);
  const plain = files.filter(({ kind }) => kind === 'file');
  const isSized = plain.every((it) => it.sizeBytes !== undefined);
  const bytes = plain.reduce((sum, { sizeBytes }) => sum + (sizeBytes ?? 0), 0);
  // Hard links come out as the files they are, and links with their text.
  if (isSized && files.length === plain.length && taken.links === 0 && bytes !== taken.bytes)
    return disagreement(container, `${bytes} bytes are listed, ${taken.bytes} came out`);
  if (listed !== undefined && !isSame(inFileOrder(plain), listed))
    return disagreement(container, 'two readers see different files in it');
  return undefined;
}

function inFileOrder(members: readonly SevenZipMember[]): readonly SevenZipMember[] {
  return members.every((it) => it.offset !== undefined)
    ? members.toSorted((a, b) => (a.offset ?? 0) - (b.offset ?? 0))
    : members;
}

function isSame(theirs: readonly SevenZipMember[], ours: readonly ListedMember[]): boolean {
  return (
    theirs.length === ours.length &&
    ours.every(({ sizeBytes, crc32 }, index) => {
      const other = theirs[index];
      const isSum = crc32 === undefined || other?.crc32 === undefined || crc32 === other.crc32;
      return other?.sizeBytes === sizeBytes && isSum;
    })
  );
}

function disagreement(container: Container, what: string): Finding {
  return { reason: 'archive-structure', detail: `${container}: ${what}` };
}
