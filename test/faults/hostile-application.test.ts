import { execFileSync, fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { efsLanding } from '../../shared/commit/efs-landing.ts';
import { IngestError } from '../../shared/model/ingest-error.ts';
import { seededRandom } from '../support/random.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const APPLICATION = fileURLToPath(new URL('../support/hostile-application.ts', import.meta.url));
const CONTENT = 'what a partner sent';
const LEAST_ROUNDS = 100;
/** It goes on until so many came through, and so many were stopped. */
const ENOUGH = 20;

test(
  'whatever an application does to the landing tree, nothing is written outside of it, and no commit waits',
  { timeout: 120_000 },
  async () => {
    const next = seededRandom();
    await using directory = await temporaryDirectory();
    const place = (name: string): string => join(directory.path, name);
    const roots = { landingRoot: place('landing'), incomingRoot: place('incoming') };
    await mkdir(roots.landingRoot);
    await mkdir(roots.incomingRoot);
    // A link to it leads on, wherever it lies.
    for (const folder of ['a/b/c', 'b/c', 'c']) {
      await mkdir(place(`outside/${folder}`), { recursive: true });
    }
    execFileSync('mkfifo', [place('pipe')]);
    await writeFile(place('staged'), CONTENT);
    const sha256 = createHash('sha256').update(CONTENT).digest('hex');
    const staged = { path: place('staged'), sizeBytes: CONTENT.length, sha256 };

    const seed = String(Math.floor(next() * 2 ** 31));
    const paths = [roots.landingRoot, place('outside'), place('pipe')];
    const application = fork(APPLICATION, [...paths, seed]);
    const exited = once(application, 'exit');
    const endings = new Map<string, number>();
    const count = (ending: string): void =>
      void endings.set(ending, (endings.get(ending) ?? 0) + 1);
    try {
      await once(application, 'message');
      const landing = efsLanding(roots);
      const signal = new AbortController().signal;
      for (let round = 0; round < LEAST_ROUNDS || !isEnough(); round += 1) {
        const attempts = [
          landing.commit(staged, 'a/file', 0, signal),
          landing.commit(staged, `a/b/c/${round % 2 ? 'file' : `landed-${round}`}`, 0, signal),
          landing.makeFolder(`a/b/landed-${round}/`),
        ];
        const ended = attempts.map((attempt) => attempt.then(() => count('done'), countError));
        await Promise.all([...ended, landing.compare('a/b/c/file', 0).catch(countError)]);
      }
    } finally {
      application.kill('SIGKILL');
      await exited;
    }

    const outside = await readdir(place('outside'), { recursive: true, withFileTypes: true });
    const ours = outside.filter(
      ({ name }) => name.startsWith('landed-') || name.endsWith('.partial'),
    );
    expect(ours.map(({ parentPath, name }) => join(parentPath, name))).toEqual([]);
    for (const { parentPath, name } of outside.filter((entry) => entry.isFile())) {
      expect(await readFile(join(parentPath, name), 'utf8')).not.toBe(CONTENT);
    }
    expect(await readdir(roots.incomingRoot)).toEqual([]);

    /** It was no peaceful time, and some came through. */
    function isEnough(): boolean {
      return ['done', 'KEY_COLLIDES'].every((ending) => (endings.get(ending) ?? 0) >= ENOUGH);
    }

    function countError(error: unknown): void {
      if (!(error instanceof IngestError)) throw error;
      // What was there is gone again: the next try will tell.
      expect(['KEY_COLLIDES', 'LANDING_UNAVAILABLE']).toContain(error.code);
      expect(error.message).not.toContain(directory.path);
      expect(error.message).not.toContain('/proc/');
      count(error.code);
    }
  },
);
