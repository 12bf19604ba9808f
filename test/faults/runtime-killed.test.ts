import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { expect, test } from 'vitest';
import type { RuntimeInfo } from '../../local/runtime-info.ts';
import type { Notice } from '../../shared/notify/notice.ts';
import { EICAR } from '../support/eicar.ts';
import { watchLanding } from '../support/landing-watch.ts';
import { processesNaming } from '../support/processes.ts';
import { seededRandom } from '../support/random.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { LAST_RESORT_MS, START_PATIENCE_MS, until } from '../support/until.ts';

const MAIN = fileURLToPath(new URL('../../local/main.ts', import.meta.url));
const LIVES = 2;
const FILES_PER_LIFE = 60;

test(
  'whatever an Airlock had taken in when it was killed, its next lives deliver',
  { timeout: LAST_RESORT_MS },
  async () => {
    const next = seededRandom();
    await using home = await temporaryDirectory();
    const landingRoot = join(home.path, 'landing');
    const taken = new Map<string, Buffer>();
    const infected = new Set<string>();
    const seen = new Set<string>();

    for (let life = 0; life < LIVES; life += 1) {
      await using airlock = await start(home.path);
      using watch = watchLanding(landingRoot);
      const deadAt = Math.floor((0.3 + 0.7 * next()) * FILES_PER_LIFE);
      const uploads = Array.from({ length: FILES_PER_LIFE }, async (_, index) => {
        const isInfected = next() < 0.1;
        const key = `life-${life}/${isInfected ? 'bad' : 'good'}-${index}`;
        const content = isInfected ? EICAR : Buffer.alloc(Math.floor(next() * 300_000), key);
        if (isInfected) infected.add(key);
        await airlock.put(key, content);
        taken.set(key, content);
        if (taken.size >= life * FILES_PER_LIFE * 0.3 + deadAt) airlock.process.kill('SIGKILL');
      });
      await Promise.allSettled(uploads);
      airlock.process.kill('SIGKILL');
      await airlock.exited;
      for (const name of watch.touched) seen.add(name);
    }

    {
      await using _last = await start(home.path);
      using watch = watchLanding(landingRoot);
      await until(
        () => endings(home.path),
        (ended) => [...taken.keys()].every((key) => ended.has(key)),
      );
      for (const name of watch.touched) seen.add(name);
      const ended = await endings(home.path);
      for (const [key, content] of taken) {
        expect(ended.get(key)).toBe(infected.has(key) ? 'quarantined' : 'delivered');
        if (infected.has(key)) continue;
        const landed = await readFile(join(landingRoot, key));
        if (!landed.equals(content)) throw new Error(`${key} is not as it was sent`);
      }
      expect([...infected].filter((key) => seen.has(key))).toEqual([]);
      await until(
        () => readdir(join(home.path, 'incoming')),
        (names) => names.length === 0,
      );
    }
    await until(
      () => processesNaming(home.path),
      (left) => left.length === 0,
    );
  },
);

type Started = AsyncDisposable & {
  readonly process: ChildProcess;
  readonly exited: Promise<unknown>;
  readonly put: (key: string, content: Buffer) => Promise<unknown>;
};

async function start(home: string): Promise<Started> {
  const child = spawn(process.execPath, [MAIN], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      ...process.env,
      AIRLOCK_HOME: home,
      AIRLOCK_SFTP_PORT: '0',
      AIRLOCK_SIGNATURES: 'test',
    },
  });
  const exited = once(child, 'exit');
  const complaints = text(child.stderr);
  const info = await until(
    async () => {
      if (child.exitCode !== null) throw new Error(`it did not start: ${await complaints}`);
      const written = await readFile(join(home, 'runtime.json'), 'utf8').catch(() => '{}');
      return JSON.parse(written) as Partial<RuntimeInfo>;
    },
    ({ pid }) => pid === child.pid,
    { patienceMs: START_PATIENCE_MS },
  );
  const { endpoints, buckets, region, credentials } = info as RuntimeInfo;
  const s3 = new S3Client({ endpoint: endpoints.s3, region, credentials, maxAttempts: 1 });
  return {
    process: child,
    exited,
    put: (Key, Body) => s3.send(new PutObjectCommand({ Bucket: buckets.inbox, Key, Body })),
    async [Symbol.asyncDispose]() {
      s3.destroy();
      child.kill('SIGTERM');
      await exited;
    },
  };
}

/** The latest ending of each key that was announced, by any run. */
async function endings(home: string): Promise<ReadonlyMap<string | undefined, string>> {
  const lines = await readFile(join(home, 'notices.jsonl'), 'utf8').catch(() => '');
  const notices = lines.split('\n').flatMap((line) => {
    try {
      return [JSON.parse(line) as Notice];
    } catch {
      return []; // the last line of a run that was killed
    }
  });
  return new Map(notices.map(({ object, outcome }) => [object?.key, outcome]));
}
