import { fileURLToPath } from 'node:url';
import { CORPUS } from './corpus.ts';
import type { Sample } from './sample.ts';

export const VERDICTS_PAGE = fileURLToPath(new URL('../../../docs/verdicts.md', import.meta.url));

const INTRODUCTION = `# Verdicts

<!-- Written by \`npm run docs:verdicts\` from test/verdicts/corpus; edit that, not this. -->

A file lands only when it is **clean**: ClamAV scanned all of it and found nothing. ClamAV's \`OK\` alone does not mean
that. It also reports \`OK\` when it cannot unpack an archive, stops in the middle of one, or reads a member differently
from the program that opens the file later. So each file is inspected first and scanned second, and both results give the
verdict:

- **infected**: the engine found something, whatever the inspection says. The file is quarantined.
- **unscannable**: the inspection found a part that the engine does not read, or not reliably, or the engine reported a
  limit or encryption. The file is held for a person, with the reason.
- **clean**: neither.

## What the inspection checks

- **zip** (so also docx, xlsx, pptx, odt, epub, jar): members from the first byte to the directory without gaps or overlaps;
  each described identically by the directory and its local header; stored or deflated, complete, of the stated size;
  nothing after the end, and before the members only a program that contains no further ones. zip64 is held in any place,
  because the engine does not read it. Info-ZIP writes zip64 when it packs standard input (\`zip - -\`): pack the file
  by name.
- **gzip**: one member, nothing after it. The engine stops after the first, so files made with \`cat a.gz b.gz\` or \`bgzip\`
  are held.
- **tar**: sizes in octal, correct checksums, no sparse or split files, nothing but zeros after the end.
- **xz, bzip2**: one stream, nothing after it. \`pbzip2\`, and \`xz\` of several files, write more than one, and are held.
- **old Office documents** (OLE2, also the container of encrypted new ones): passwords, rights management.
- **PDF, mail, programs, old Office documents**: embedded archives that the engine does not open.
- All of these in zip, gzip and tar, nested up to 16 deep.

The limits of one inspection: 16 levels, 10,000 members in an archive and 50,000 in all, 2 GiB per member, 4300 MiB
unpacked in all, and no more than 250 times the file's own size once that is over 256 MiB. A file that exceeds them is
held. Some of these files would occupy the engine for minutes, whatever its own limits (100,000 empty members, 200 MB of
HTML with script), so they are held without being scanned.

## What is always held

7z, RAR, lzip, LZMA, Zstandard, LZ4, lzop, compress, ACE, cabinet, ARJ, LHA, cpio, ar, RPM, XAR, WIM, ISO 9660, disk images and
zips with other methods than Store and Deflate: the engine reads none of it, or only parts, and its \`OK\` does not tell
which. What it does find in them is still an infection.

## What only the engine checks

The content of every file that is not an archive; the content of xz and bzip2; objects in RTF, OneNote and HTML; streams
of a PDF that are packed more than once, and attachments of a mail that are not base64. An archive that the engine
cannot read would pass in one of these places. A file of at most 5 bytes is clean without being scanned.

## The corpus

Each of these files is generated and passed to the real inspection and a real clamd in \`test/verdicts\`. EICAR is the
standard test file; every held file contains EICAR unless it is described as harmless.
`;

/** The content of docs/verdicts.md. */
export function verdictsPage(): string {
  const chapters = CORPUS.map(({ title, samples }) => {
    const rows = samples.map((sample) => row(sample)).join('\n');
    return `### ${title}\n\n| File | What it is | Verdict | Reason |\n|---|---|---|---|\n${rows}\n`;
  });
  return `${INTRODUCTION}\n${chapters.join('\n')}`;
}

function row({ name, what, verdict }: Sample): string {
  const isReason = verdict !== 'clean' && verdict !== 'infected';
  return `| \`${name}\` | ${what} | ${isReason ? 'unscannable' : verdict} | ${isReason ? verdict : ''} |`;
}
