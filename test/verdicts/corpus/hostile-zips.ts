import { deflateRawSync } from 'node:zlib';
import { EICAR } from '../../support/eicar.ts';
import * as blobs from './blobs.ts';
import { nestedZip } from './infected.ts';
import { pdf } from './other-containers.ts';
import { HELLO, sample, type Sample } from './sample.ts';
import { type Entry, zip } from './zip.ts';

const eicar: Entry = { name: 'eicar.com', data: EICAR };
const hello: Entry = { name: 'hello.txt', data: HELLO };
const members = (count: number): readonly Entry[] =>
  Array.from({ length: count }, (_, index) => ({
    name: `${index}`,
    data: Buffer.alloc(0),
    method: 0,
  }));
const odd = (method: number): Buffer => zip([{ ...eicar, packed: EICAR, method }]);
const whole = zip([eicar]);

/** EICAR after 300 MB of zeros in a member, with a suspicious compression ratio. */
const bomb = (): Buffer =>
  zip([{ name: 'zeros', data: Buffer.concat([Buffer.alloc(300 * 2 ** 20), EICAR]) }]);

/** A zip whose members overlap, all sharing one packed text, as in David Fifield's bombs. */
function overlapping(): Buffer {
  const central = { offset: 0, name: 'hello.txt' };
  return zip([hello, { ...hello, phantom: true, central }, { ...hello, phantom: true, central }]);
}

export const HOSTILE_ZIPS: readonly Sample[] = [
  sample('zip64-local.zip', 'zip64 in the local header', 'infected', () =>
    zip([{ ...eicar, zip64: 'local' }]),
  ),
  sample('zip64-central.zip', 'zip64 in the directory', 'infected', () =>
    zip([{ ...eicar, zip64: 'central' }]),
  ),
  sample('zip64-both.zip', 'zip64 in both', 'infected', () =>
    zip([hello, { ...eicar, zip64: 'both' }]),
  ),
  sample('zip64-streamed.zip', 'zip64 with the sizes after the data', 'infected', () =>
    zip([{ ...eicar, zip64: 'both', descriptor: 'zip64' }]),
  ),
  sample('zip64-end.zip', 'a zip64 end record', 'infected', () => zip([eicar], { zip64End: true })),
  sample(
    'infozip-streamed.zip',
    'harmless: Info-ZIP packs what it reads from a pipe as zip64',
    'clean',
    () => blobs.infozipStreamed,
  ),
  ...(
    [
      [1, 'shrunk', 'archive-structure'],
      [2, 'reduced', 'archive-method'],
      [6, 'imploded', 'archive-structure'],
      [93, 'packed with Zstandard', 'archive-structure'],
      [98, 'packed with PPMd', 'archive-structure'],
      [77, 'packed in an unknown way', 'archive-method'],
    ] as const
  ).map(([method, how, verdict]) =>
    sample(`method-${method}.zip`, `a member that claims to be ${how}`, verdict, () => odd(method)),
  ),
  sample('lzma.zip', 'packed with LZMA', 'infected', () =>
    zip([{ ...eicar, method: 14, packed: blobs.eicarZipLzma, flags: 2 }]),
  ),
  sample('ppmd.zip', 'packed with PPMd by 7-Zip', 'infected', () => blobs.eicarZipPpmd),
  sample('xz.zip', 'packed with XZ by 7-Zip', 'infected', () => blobs.eicarZipXz),
  sample('hello-bzip2.zip', 'harmless, packed with BZip2', 'clean', () => blobs.helloZipBzip2),
  sample(
    'hello-deflate64.zip',
    'harmless, packed with Deflate64',
    'clean',
    () => blobs.helloZipDeflate64,
  ),
  sample('local-method.zip', 'another method in the local header', 'archive-structure', () =>
    zip([{ ...eicar, local: { method: 99 } }]),
  ),
  sample('no-directory.zip', 'without a directory', 'archive-structure', () =>
    zip([eicar], { directory: 'none' }),
  ),
  sample('garbled-directory.zip', 'with a directory of dots', 'archive-structure', () =>
    zip([eicar], { directory: 'garbled' }),
  ),
  sample('misplaced-directory.zip', 'a directory that is elsewhere', 'archive-structure', () =>
    zip([eicar], { end: { offset: 7 } }),
  ),
  sample('hidden-first.zip', 'a first member that is not listed', 'archive-structure', () =>
    zip([{ ...eicar, hidden: true }, hello]),
  ),
  sample(
    'hidden-middle.zip',
    'a member in the middle that is not listed',
    'archive-structure',
    () => zip([hello, { ...eicar, hidden: true }, { ...hello, name: 'b' }]),
  ),
  sample('hidden-last.zip', 'a last member that is not listed', 'archive-structure', () =>
    zip([hello, { ...eicar, hidden: true }]),
  ),
  sample('gap.zip', 'bytes between two members', 'archive-structure', () =>
    zip([
      { ...hello, gap: EICAR },
      { ...hello, name: 'b' },
    ]),
  ),
  sample('local-size-0.zip', 'a packed size of 0 in the local header', 'archive-structure', () =>
    zip([{ ...eicar, local: { packedBytes: 0 } }]),
  ),
  sample('local-signature.zip', 'a local header with a wrong signature', 'archive-structure', () =>
    zip([{ ...eicar, local: { signature: 0x11111111 } }]),
  ),
  sample('names-differ.zip', 'harmless, under two names', 'archive-structure', () =>
    zip([{ ...hello, local: { name: 'hello.exe' } }]),
  ),
  sample('sizes-differ.zip', 'harmless, with two sizes', 'archive-structure', () =>
    zip([{ ...hello, local: { bytes: 5 } }]),
  ),
  sample('crcs-differ.zip', 'harmless, with two CRCs', 'archive-structure', () =>
    zip([{ ...hello, local: { crc: 5 } }]),
  ),
  sample(
    'methods-differ.zip',
    'stored in one header, packed in the other',
    'archive-structure',
    () => zip([{ ...hello, central: { method: 0 } }]),
  ),
  sample('wrong-size.zip', 'more bytes than the member claims', 'archive-structure', () =>
    zip([{ ...hello, local: { bytes: 5 }, central: { bytes: 5 } }]),
  ),
  sample('member-tail.zip', 'bytes after the packed data of a member', 'archive-structure', () =>
    zip([{ ...hello, packed: Buffer.concat([deflateRawSync(HELLO), EICAR]) }]),
  ),
  sample('miscounted.zip', 'one member more than the end record says', 'archive-structure', () =>
    zip([hello, { ...hello, name: 'b' }], { end: { entries: 1 } }),
  ),
  sample('overcounted.zip', 'fewer members than the end record says', 'archive-structure', () =>
    zip([hello], { end: { entries: 5 } }),
  ),
  sample('overlapping.zip', 'three members in the same bytes', 'archive-structure', overlapping),
  sample('spanned.zip', 'the second disk of two', 'archive-structure', () =>
    zip([hello], { end: { disk: 1 } }),
  ),
  sample('truncated-end.zip', 'one byte short', 'archive-structure', () => whole.subarray(0, -1)),
  sample('truncated-directory.zip', 'without the end record', 'archive-structure', () =>
    whole.subarray(0, -22),
  ),
  sample('truncated-member.zip', 'cut in the middle of a member', 'archive-structure', () =>
    whole.subarray(0, 80),
  ),
  sample('junk-behind.zip', 'harmless, with bytes after the end', 'archive-structure', () =>
    zip([hello], { suffix: Buffer.alloc(99, 'x') }),
  ),
  sample('two-zips.zip', 'a zip after a harmless zip', 'archive-structure', () =>
    zip([eicar], { prefix: zip([hello]), prefixUncounted: true }),
  ),
  sample(
    'two-zips.run',
    'a script, a zip that no directory lists, and a harmless zip',
    'archive-structure',
    () =>
      zip([hello], {
        prefix: Buffer.concat([Buffer.from('#!/bin/sh\n'), zip([{ ...eicar, zip64: 'both' }])]),
      }),
  ),
  sample('comment-zip.zip', 'a zip in the comment of a zip', 'archive-structure', () =>
    zip([hello], { comment: zip([{ ...eicar, zip64: 'both' }]) }),
  ),
  sample('encrypted-zip.zip', 'encrypted by 7-Zip', 'encrypted', () => blobs.eicarZipCrypto),
  sample('encrypted-aes.zip', 'encrypted with AES by 7-Zip', 'encrypted', () => blobs.eicarZipAes),
  sample('masked.zip', 'the flag of a masked header, which the engine skips', 'encrypted', () =>
    zip([{ ...eicar, flags: 0x2000 }]),
  ),
  sample(
    'encrypted-listed.zip',
    'harmless, encrypted according to the directory only',
    'encrypted',
    () => zip([{ ...hello, central: { flags: 1 } }]),
  ),
  sample('nested-17.zip', 'zips nested 17 deep', 'archive-nesting', () => nestedZip(17)),
  sample('nested-20.zip', 'zips nested 20 deep', 'archive-nesting', () => nestedZip(20)),
  sample('nested-zip64.zip', 'a zip64 in a zip in a zip', 'infected', () =>
    zip([
      {
        name: 'a.zip',
        data: zip([{ name: 'b.zip', method: 0, data: zip([{ ...eicar, zip64: 'both' }]) }]),
      },
    ]),
  ),
  sample('nested-lzma.docx', 'a zip with LZMA in a document', 'archive-method', () =>
    zip([hello, { name: 'word/embeddings/a.bin', data: odd(14) }]),
  ),
  sample('members-10001.zip', '10,001 members', 'archive-size', () => zip(members(10_001))),
  sample(
    'members-100000.zip',
    '100,000 members, which would take the engine minutes',
    'archive-size',
    () => zip(members(100_000)),
  ),
  sample(
    'members-70000-says-5.zip',
    '65,541 members, of which the end record says 5',
    'archive-structure',
    () => zip(members(65_541), { end: { entries: 5 } }),
  ),
  sample('nested-members.zip', 'seven zips with 8,000 members each', 'archive-size', () => {
    const data = zip(members(8000));
    return zip(Array.from({ length: 7 }, (_, index) => ({ name: `${index}.zip`, data })));
  }),
  sample('bomb.zip', '300 MB of zeros in 300 KB, EICAR at their end', 'archive-size', bomb),
  sample('uncounted.zip', 'a zip that says it has no members', 'archive-structure', () =>
    zip([eicar], { end: { entries: 0 } }),
  ),
  sample('claims-3-gb.zip', 'harmless, but says it has 3 GB', 'archive-size', () =>
    zip([{ ...hello, local: { bytes: 3e9 }, central: { bytes: 3e9 } }]),
  ),
  sample(
    'claims-10-gb.zip',
    'harmless, but says in zip64 that it has 10 GB',
    'archive-structure',
    () => {
      const extra = Buffer.alloc(12);
      extra.writeUInt16LE(1, 0);
      extra.writeUInt16LE(8, 2);
      extra.writeBigUInt64LE(10n ** 10n, 4);
      return zip([{ ...hello, central: { bytes: 0xffffffff, extra } }]);
    },
  ),
  sample('zip-behind.pdf', 'harmless, a zip after a PDF', 'archive-structure', () =>
    zip([hello], { prefix: pdf(HELLO) }),
  ),
  sample('zip-behind.csv', 'harmless, a zip after a CSV file', 'archive-structure', () =>
    zip([hello], { prefix: HELLO }),
  ),
];
