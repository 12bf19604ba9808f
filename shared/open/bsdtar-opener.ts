import { rename } from 'node:fs/promises';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Container } from '../model/container.ts';
import type { Finding } from '../model/verdict.ts';
import { exceeded } from './opening-budget.ts';
import type { Opener } from './opener.ts';
import { collect } from './sandbox/collect.ts';
import { type Ran, run } from './sandbox/run.ts';
import { openIn } from './sandbox/workshop.ts';

/** Opens what 7-Zip cannot with libarchive: RAR, whose code Debian leaves out of 7-Zip, LZ4, lzip. */
export function bsdtarOpener(): Opener {
  return {
    open: async (path, container, _listed, budget, signal) =>
      await openIn(async (workshop) => {
        if (container !== 'rar') {
          const ran = await run(['bsdcat', path], workshop, budget, signal);
          await rename(ran.output, join(workshop.out, 'content'));
          const taken = await collect(workshop, budget);
          return { members: taken.members, unread: taken.unread ?? judgeExit(ran, container) };
        }
        const list = await run(['bsdtar', '-tf', path], workshop, budget, signal);
        const listed = await namesIn(list.output);
        const unlisted = judgeExit(list, container);
        const extract = [
          'bsdtar',
          '-xkmf',
          path,
          '--no-same-owner',
          '--no-same-permissions',
        ] as const;
        const unpacked = await run(extract, workshop, budget, signal);
        const taken = await collect(workshop, budget);
        // Of several members with one name only the first comes out.
        const count = taken.files + taken.links;
        const isWhole = listed.files === count;
        const detail = `${container}: ${listed.files} files are listed, ${count} came out`;
        const differs: Finding | undefined = isWhole
          ? undefined
          : { reason: 'archive-structure', detail };
        return {
          members: taken.members,
          unread: taken.unread ?? unlisted ?? judgeExit(unpacked, container) ?? differs,
        };
      }),
  };
}

function judgeExit(
  { exitCode, killedFor, errors }: Pick<Ran, 'exitCode' | 'killedFor' | 'errors'>,
  container: Container,
): Finding | undefined {
  if (
    killedFor === 'time' ||
    killedFor === 'size' ||
    killedFor === 'SIGXCPU' ||
    killedFor === 'SIGXFSZ'
  )
    return exceeded(`takes too much to open (${container})`);
  if (killedFor !== undefined)
    return {
      reason: 'archive-structure',
      detail: `bsdtar was killed by ${killedFor} (${container})`,
    };
  if (exitCode === 0 && errors.trim() === '') return undefined;
  if (/encrypt|passphrase/i.test(errors))
    return { reason: 'encrypted', detail: `encrypted (${container})` };
  const [why = 'it cannot be read'] = errors.trim().split('\n');
  return { reason: 'archive-structure', detail: `${container}: ${why.slice(0, 200)}` };
}

/** One a line: bsdtar writes line ends in names as `\n`. Folders end in a slash. */
async function namesIn(path: string): Promise<{ readonly files: number }> {
  let files = 0;
  for await (const line of createInterface({ input: createReadStream(path) })) {
    if (!line.endsWith('/')) files += 1;
  }
  return { files };
}
