import { fileURLToPath } from 'node:url';
import { CORPUS } from './corpus.ts';
import type { Sample } from './sample.ts';

export const VERDICTS_PAGE = fileURLToPath(new URL('../../../docs/verdicts.md', import.meta.url));

const INTRODUCTION = `# Verdicts

<!-- Written by \`npm run docs:verdicts\` from test/verdicts/corpus; edit that, not this. -->

A file lands only when it is **clean**: everything in it was scanned, and nothing was found. ClamAV's \`OK\` alone does not
mean that. It also reports \`OK\` when it cannot unpack an archive, stops in the middle of one, passes over an attachment, or
reads a member differently from the program that opens the file later. So each file is looked at first, scanned second,
and opened third where the engine may be blind; every member is then judged in the same way.

- **infected**: a signature matched, in the file or in a member. The file is quarantined.
- **unscannable**: something was not scanned, or not reliably, or the engine reported a limit, encryption or a suspicion of
  its own. The file is held for a person, with the reason and the member that it is about.
- **clean**: neither.

Notices and the quarantine name the member by the way to it: \`offer.docx > word/media/a.zip > a.com\`.

## Who opens what

| Files | The engine's OK is enough | Opened by | Held |
|---|---|---|---|
| text, pictures, media, data | yes | | with an archive (7z, RAR, cabinet, zip) that begins or ends in it: in the first 8 MiB, or at the end |
| zip (docx, xlsx, odt, epub, jar, apk ...), tar, gzip | where our own reader finds nothing irregular, and nothing in it must be opened | 7-Zip: zip64, other methods than Store and Deflate, several gzip members, or a member that must be opened | gaps, overlaps, members that two headers describe differently, bytes behind the end, sizes that the engine misreads; where 7-Zip and our reader see different members |
| 7z, xz, bzip2, LZMA, Zstandard, compress, cabinet, ARJ, LHA, cpio, ar, RPM, XAR, WIM, CHM | never | 7-Zip | any warning, any bytes behind the end, any member that does not come out |
| disk images: ISO 9660, UDF, FAT, NTFS, ext, HFS+, APFS, SquashFS, cramfs, partition tables, VHD, VHDX, VMDK, VDI, QCOW2, DMG | never | 7-Zip | the same |
| RAR, LZ4, lzip | never | bsdtar (libarchive) | any message, any member that does not come out |
| PDF | never | qpdf: every stream | damaged, even slightly; attachments in a picture's encoding |
| mail, mailbox | never | Airlock: every part, decoded | parts that mail programs would read differently, unknown encodings |
| old Office documents and installers (OLE2) | never | 7-Zip | |
| programs | yes, but for a 7z, RAR or cabinet behind it | 7-Zip, bsdtar | other archives in it that the engine does not read |
| ACE, ALZ, EGG, lzop, old RAR, Snappy, StuffIt, TNEF, ZOO, ZPAQ, InstallShield cabinets, split zips; signed or compressed OpenPGP, CMS messages with what they sign | never | nobody | always: \`unsupported-format\` |
| encrypted archives, PDF and Office documents; OpenPGP, CMS (S/MIME), age, \`openssl enc\` | never | nobody | always: \`encrypted\` |

A format is believed when its header is, not for its first letters. Links in an archive are never followed: their text is
scanned as a file. A file of at most 5 bytes is clean without being scanned.

## Limits

Of one file: 16 levels of containers, 50,000 members, 10,000 in one zip or tar, 5,000 parts of a mail, 2 GiB for one member,
4300 MiB unpacked, no more than 250 times the file's own size once that is over 256 MiB, two minutes for all programs that
open it, 1 GiB of memory for each. Beyond that it is held: \`limit\`, \`archive-size\` or \`archive-nesting\`. Some files would
occupy the engine for minutes, whatever its own limits (100,000 empty members, 200 MB of HTML with script), so they are
held without being scanned.

## Suspicions

What ClamAV calls \`Heuristics.\` is a suspicion, not a signature, and never an infection: limits are \`limit\`, encryption is
\`encrypted\`, everything else is \`heuristic\`: held, and delivered where a partner's policy says so. "Broken executable" is
switched off: it was said of any text that begins with "MZ".

## What opens files, and what could go wrong

7-Zip, bsdtar and qpdf read hostile bytes. Each runs in a process of its own with limits on memory, processor time, file size
and open files (\`prlimit\`), without any way to more privileges (\`setpriv\`), without Airlock's environment and so without its
credentials, and in a private directory; it is killed when its time is over, when it writes too much, and when Airlock
ends. What remains: it runs as the same user, so a program that is taken over could read and write what the ingest can on
its disks, and talk to what the function's network reaches. Limits of memory and privileges hold on Linux only.

## What only the engine checks

The content of every file that holds no others; objects in RTF, OneNote and HTML; installers' own formats (NSIS, Inno
Setup). An image with both ISO 9660 and UDF is opened as UDF.

## The corpus

Each of these files is generated, and judged in \`test/verdicts\` by the real programs and a real clamd. EICAR is the
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
