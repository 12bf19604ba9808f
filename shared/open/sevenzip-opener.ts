import type { Finding } from '../model/verdict.ts';
import { judgeAgreement, judgeExit, judgeListing, STREAMS } from './sevenzip-reading.ts';
import { readListing, type SevenZipMember } from './sevenzip-listing.ts';
import type { Opener } from './opener.ts';
import { collect } from './sandbox/collect.ts';
import { openIn } from './sandbox/workshop.ts';
import { run } from './sandbox/run.ts';

/**
 * Opens archives and disk images with 7-Zip, each as the one format that it was recognized as: left
 * to itself, 7-Zip "opens" a program as an archive of its sections.
 */
export function sevenZipOpener(): Opener {
  return {
    open: async (path, container, listed, budget, signal) =>
      await openIn(async (workshop) => {
        // An empty password, so that it does not ask for one.
        const options = ['-y', '-bd', '-p', '-sccUTF-8', `-t${container}`, '--', path];
        let members: readonly SevenZipMember[] = [];
        let unlisted: Finding | undefined;
        if (!STREAMS.includes(container)) {
          const ran = await run(['7zz', 'l', '-slt', ...options], workshop, budget, signal);
          const listing = await readListing(ran.output);
          ({ members } = listing);
          unlisted = judgeExit({ ...ran, said: `${ran.errors}\n${listing.preamble}` }, container);
          const refused = judgeListing(listing, budget);
          if (refused !== undefined) return { members: [], unread: refused };
          if (members.length === 0 && unlisted !== undefined)
            return { members: [], unread: unlisted };
        }
        // Several members may have one name: keep all, under names of its own.
        const extract = ['7zz', 'x', '-aou', '-mmt=off', ...options] as const;
        const unpacked = await run(extract, workshop, budget, signal);
        const taken = await collect(workshop, budget);
        return {
          members: taken.members,
          unread:
            taken.unread ??
            unlisted ??
            judgeExit(unpacked, container) ??
            judgeAgreement(container, members, taken, listed),
        };
      }),
  };
}
