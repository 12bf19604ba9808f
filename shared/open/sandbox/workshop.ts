import { chmod, mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Opened } from '../opener.ts';

/**
 * A private directory for opening one file. Programs work in `out`; what they took out is moved to
 * `members`, under numbers, so that no name of a partner's is ever part of a path or a command line.
 */
export type Workshop = AsyncDisposable & {
  readonly path: string;
  readonly out: string;
  /** Moves a file to a path of ours. */
  readonly take: (from: string) => Promise<string>;
  /** A path of ours for a new file. */
  readonly newPath: () => string;
};

const PREFIX = 'airlock-open-';

let swept: Promise<void> | undefined;

/**
 * Opens a file in a workshop of its own, which is removed with what was opened, or at once when that
 * fails.
 */
export async function openIn(
  open: (workshop: Workshop) => Promise<Pick<Opened, 'members' | 'unread'>>,
): Promise<Opened> {
  const workshop = await openWorkshop();
  try {
    const opened = await open(workshop);
    return { ...opened, [Symbol.asyncDispose]: () => workshop[Symbol.asyncDispose]() };
  } catch (error) {
    await workshop[Symbol.asyncDispose]();
    throw error;
  }
}

/** Makes one in the system's temporary directory; the first also removes those of workers that died. */
async function openWorkshop(): Promise<Workshop> {
  swept ??= sweep();
  await swept;
  const directory = await mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`));
  const out = join(directory, 'out');
  const members = join(directory, 'members');
  await mkdir(out, { mode: 0o700 });
  await mkdir(members, { mode: 0o700 });
  let count = 0;
  const newPath = (): string => join(members, String((count += 1)));
  return {
    newPath,
    path: directory,
    out,
    async take(from) {
      const path = newPath();
      await rename(from, path);
      await chmod(path, 0o600);
      return path;
    },
    [Symbol.asyncDispose]: () => removeAll(directory),
  };
}

async function removeAll(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true }).catch(async () => {
    // A program may have made folders that even their owner cannot read.
    await openUp(directory);
    await rm(directory, { recursive: true, force: true });
  });
}

async function openUp(directory: string): Promise<void> {
  await chmod(directory, 0o700);
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    if (entry.isDirectory()) await openUp(join(directory, entry.name));
  }
}

async function sweep(): Promise<void> {
  for (const name of await readdir(tmpdir()).catch(() => [])) {
    const pid = new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1];
    if (pid === undefined) continue;
    const path = join(tmpdir(), name);
    if (!isAlive(Number(pid)) || (await isOlderThanUs(path))) await removeAll(path).catch(() => {});
  }
}

/** True also for what a process before us left, which had our number. */
async function isOlderThanUs(path: string): Promise<boolean> {
  const startedAt = Date.now() - process.uptime() * 1000;
  return path.includes(`${PREFIX}${process.pid}-`) && (await stat(path)).birthtimeMs < startedAt;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
