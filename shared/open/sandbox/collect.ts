import { chmod, lstat, readdir, readlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Finding } from '../../model/verdict.ts';
import type { OpeningBudget } from '../opening-budget.ts';
import type { Member } from '../opener.ts';
import type { Workshop } from './workshop.ts';

export type Taken = {
  readonly members: readonly Member[];
  readonly files: number;
  readonly bytes: number;
  readonly links: number;
  readonly unread: Finding | undefined;
};

/**
 * Takes what a program has written into the workshop: every file, whatever its mode. A link is
 * never followed; its text becomes a file, since that is what it is to a program that does not know
 * links. Nothing else may have been made.
 */
export async function collect(workshop: Workshop, budget: OpeningBudget): Promise<Taken> {
  const members: Member[] = [];
  const folders = [''];
  let [files, bytes, links] = [0, 0, 0];
  let unread: Finding | undefined;
  for (let folder = folders.pop(); folder !== undefined && !unread; folder = folders.pop()) {
    const directory = join(workshop.out, folder);
    await chmod(directory, 0o700);
    for (const entry of await readdir(directory, { withFileTypes: true })) {
      const name = join(folder, entry.name);
      const path = join(directory, entry.name);
      let size = 0;
      if (entry.isDirectory()) folders.push(name);
      else if (entry.isFile()) {
        ({ size } = await lstat(path));
        files += 1;
        members.push({ name, path: await workshop.take(path) });
      } else if (entry.isSymbolicLink()) {
        const text = await readlink(path);
        size = text.length;
        links += 1;
        const file = workshop.newPath();
        await writeFile(file, text, { mode: 0o600 });
        members.push({ name, path: file });
      } else
        unread = { reason: 'archive-structure', detail: `"${name}" is not a file`, member: name };
      bytes += size;
      unread ??= budget.take(1, size);
      if (unread !== undefined) break;
    }
  }
  return { members, files, bytes, links, unread };
}
