import { fileURLToPath } from 'node:url';
import { CORPUS } from './corpus.ts';
import type { Sample } from './sample.ts';

export const VERDICTS_PAGE = fileURLToPath(new URL('../../../docs/verdicts.md', import.meta.url));

const INTRODUCTION = `# Verdicts

<!-- Written by \`npm run docs:verdicts\` from test/verdicts/corpus; edit that, not this. -->

A file lands only when it is **clean**: ClamAV looked at all of it and found nothing. ClamAV's \`OK\` alone does not say
that. It also answers \`OK\` where it cannot unpack an archive, stops in the middle of one, or sees a member differently
than the program that opens the file later. So each file is inspected first and scanned second, and the two answers make
one verdict:

- **infected**: the engine found something. That outweighs whatever else is odd about the file. It is quarantined.
- **unscannable**: the inspection found a part that the engine does not see, or sees unreliably, or the engine reported a
  limit or encryption. The file is held for a person, with the reason.
- **clean**: neither.

## What we inspect ourselves

- **zip** (so also docx, xlsx, pptx, odt, epub, jar): members from the first byte to the directory without a gap or overlap;
  each described in the same words by the directory and its own header; stored or deflated, whole, of the size they claim;
  nothing behind the end, and in front of it only a program without members of its own. zip64 is held wherever it appears,
  because the engine reads none of it. Info-ZIP writes zip64 when it packs standard input (\`zip - -\`): pack the file
  by name.
- **gzip**: one member, nothing behind it. The engine stops after the first, so files put together with \`cat a.gz b.gz\` or
  by \`bgzip\` are held.
- **tar**: sizes in octal, right checksums, no sparse or split files, nothing but zeros behind the end.
- **xz, bzip2**: one stream, nothing behind it. \`pbzip2\` and \`xz\` of several files together write more, and are held.
- **Office documents of the old kind** (OLE2, also the shell of encrypted new ones): passwords, rights management.
- **PDF, mail, programs, old Office documents**: archives inside that the engine does not see into.
- All of these in zip, gzip and tar, in each other, up to 16 deep.

The budget of one inspection: 16 levels, 10,000 members in an archive and 50,000 in all, 2 GiB a member, 4300 MiB
unpacked in all, and no more than 250 times the file's own size once that is over 256 MiB. Beyond it a file is held. A
few of these files would occupy the engine for minutes, whatever its own limits (100,000 empty members, 200 MB of HTML
with script), so they are held without asking it.

## What is held whole

7z, RAR, lzip, LZMA, Zstandard, LZ4, lzop, compress, ACE, cabinet, ARJ, LHA, cpio, ar, RPM, XAR, WIM, ISO 9660, disk images and
zips with other methods than Store and Deflate: the engine reads none of it, or only some, and its \`OK\` does not tell
which. What it does find in them is still an infection.

## What is left to the engine alone

The content of every file that is no archive; what lies inside xz and bzip2; objects in RTF, OneNote and HTML; streams
of a PDF that are packed more than once, and attachments of a mail that are not base64. An archive that the engine
cannot read, in one of these places, would pass. A file of at most 5 bytes is clean without being scanned.

## The corpus

Each of these files is made anew and given to the real inspection and a real clamd in \`test/verdicts\`. EICAR is the
standard test file; where a file is held, it carries EICAR unless it says that it is harmless.
`;

/** docs/verdicts.md, as it must be. */
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
