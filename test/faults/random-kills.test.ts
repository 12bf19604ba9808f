import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { startAirlock } from '../support/airlock.ts';
import { EICAR } from '../support/eicar.ts';
import { takeAll, upload } from '../support/faulty-airlock.ts';
import { watchLanding } from '../support/landing-watch.ts';
import { childProcesses } from '../support/processes.ts';
import { seededRandom } from '../support/random.ts';
import { LAST_RESORT_MS, until } from '../support/until.ts';

const FILE_COUNT = 500;
const INFECTED_SHARE = 0.1;
const LARGEST_BYTES = 200_000;
/** Files that end between one kill and the next, at most. */
const LARGEST_PROGRESS = 40;
const LONGEST_DELAY_MS = 50;

test(
  '500 files, some infected, converge while workers are killed at random',
  { timeout: LAST_RESORT_MS },
  async () => {
    const next = seededRandom();
    const files = new Map<string, Buffer>();
    for (let index = 0; index < FILE_COUNT; index += 1) {
      const isInfected = next() < INFECTED_SHARE;
      const folder = `folder-${Math.floor(next() * 20)}`;
      const content = Buffer.alloc(Math.floor(next() * LARGEST_BYTES), `file ${index} `);
      files.set(`${folder}/${isInfected ? 'bad' : 'good'}-${index}`, isInfected ? EICAR : content);
    }
    const infected = [...files.keys()].filter((key) => key.includes('/bad-'));
    const clean = [...files.keys()].filter((key) => key.includes('/good-'));

    const everKilled = new Set<number>();
    {
      await using airlock = await startAirlock({
        parameters: { IngestVisibilityTimeoutS: 2, RetryBaseS: 1, MaxReceiveCount: 100 },
      });
      const { info, runtime, notices } = airlock;
      using watch = watchLanding(info.landingRoot);
      const ended = (): Set<string | undefined> =>
        new Set(notices.map(({ object }) => object?.key));
      const uploads = uploadAll();

      // By progress, not by time: on a slow machine no worker would ever finish a file.
      let killAt = 0;
      while (killAt < FILE_COUNT * 0.9) {
        await until(ended, ({ size }) => size >= killAt);
        await sleep(next() * LONGEST_DELAY_MS);
        const workers = runtime.processes().ingest;
        const victim = workers[Math.floor(next() * workers.length)];
        if (victim !== undefined) {
          everKilled.add(victim);
          kill(victim);
        }
        killAt = ended().size + 1 + Math.floor(next() * LARGEST_PROGRESS);
      }
      await uploads;
      await until(ended, ({ size }) => size === FILE_COUNT);
      expect(everKilled.size).toBeGreaterThan(10);

      for (const key of clean) {
        await airlock.noticeOf(key, 'delivered');
        const landed = await readFile(airlock.landed(key));
        if (!landed.equals(files.get(key) ?? EICAR))
          throw new Error(`${key} is not as it was sent`);
      }
      const { inbox, quarantine } = info.buckets;
      for (const key of infected) {
        await airlock.noticeOf(key, 'quarantined');
        await until(
          () => airlock.versionsOf(inbox, key),
          (versions) => versions.length === 0,
        );
        expect(await airlock.versionsOf(quarantine, key)).toHaveLength(1);
      }
      expect(infected.filter((key) => watch.touched.has(key))).toEqual([]);
      const landed = await readdir(info.landingRoot, { recursive: true, withFileTypes: true });
      expect(landed.filter((entry) => entry.isFile())).toHaveLength(clean.length);
      expect(await takeAll(airlock, info.queues.deadLetter.url)).toEqual([]);
      // Repetitions are equal: one id per upload, one hash per id.
      expect(new Set(notices.map(({ id }) => id)).size).toBe(FILE_COUNT);
      for (const { object, sha256, outcome } of notices) {
        if (outcome !== 'delivered') continue;
        const sent = files.get(object?.key ?? '') ?? Buffer.alloc(0);
        expect(sha256).toBe(createHash('sha256').update(sent).digest('hex'));
      }

      async function uploadAll(): Promise<void> {
        const queue = [...files];
        const senders = Array.from({ length: 4 }, async () => {
          for (let file = queue.pop(); file; file = queue.pop()) await upload(airlock, ...file);
        });
        await Promise.all(senders);
      }
    }
    await until(childProcesses, (left) => left.length === 0);
  },
);

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has just died.
  }
}
