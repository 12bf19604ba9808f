import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { watch } from 'node:fs';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { RuntimeInfo } from '../../local/runtime-info.ts';
import type { Notice } from '../../shared/notify/notice.ts';
import { describeError, errorCode } from '../../shared/platform/errors.ts';
import { EICAR } from '../support/eicar.ts';
import { fillDisk } from '../support/full-disk.ts';
import { mayMount, mountMemory } from '../support/mount.ts';
import { childrenOf } from '../support/processes.ts';
import { seededRandom } from '../support/random.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { until } from '../support/until.ts';

const MAIN = fileURLToPath(new URL('../../local/main.ts', import.meta.url));
const DISK_MB = 1_536;
const FULL_FOR_MS = 10_000;
const SENDERS = 6;
const INFECTED_SHARE = 0.1;
/** Files that end between one kill and the next, at most. */
const LARGEST_PROGRESS = 60;
/** Of the kills, that many end the whole runtime, which takes seconds to start again. */
const RUNTIME_SHARE = 0.15;

/** Uploads that have not ended, at most. */
const LARGEST_BACKLOG = 60;
/** The share of files with which the kills end. */
const LAST_KILL_AT = 0.95;

type Next = () => number;

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/**
 * Puts an Airlock of its own under load: uploads of random sizes while clamd, workers and the runtime are killed at random,
 * and while the disk with everything on it is full for ten seconds. Prints figures.
 *
 * @returns the exit code: 1 when a file was lost, visible in part or unclean, or not announced
 */
export async function soakUploads(count: number): Promise<number> {
  if (!mayMount()) throw new Error('The soak mounts a file system of its own, which takes root.');
  const next = seededRandom();
  const startedAt = Date.now();
  await using directory = await temporaryDirectory();
  const home = join(directory.path, 'home');
  const landing = join(home, 'landing');
  using _disk = await mountMemory(home, DISK_MB);
  await mkdir(landing);
  const files = new Map(Array.from({ length: count }, (_, index) => randomFile(index, next)));
  const problems: string[] = [];
  using _watch = watchForPartial(landing, files, problems);
  const port = await freePort();
  await using airlock = await startRuntime(home, port);

  const killed = { clamd: 0, worker: 0, runtime: 0 };
  const tries = { count: 0 };
  let storedCount = 0;
  const state = { isDone: false };
  const uploading = Promise.all(
    senders([...files], async (key, content) => {
      // Not all at once, so that there are uploads on their way at each kill.
      await until(
        () => endings(home),
        ({ outcomes }) => storedCount - outcomes.size < LARGEST_BACKLOG,
        { patienceMs: 300_000 },
      );
      await putUntilStored(airlock.s3, key, content, tries);
      storedCount += 1;
    }),
  );
  const killing = killAtRandom();
  const filling = fillOnce();
  await uploading;
  await until(
    () => endings(home),
    ({ outcomes }) => outcomes.size > count * LAST_KILL_AT,
    { patienceMs: 300_000 },
  );
  state.isDone = true;
  await killing;
  const fullTries = await filling;
  // What the last workers died with is hidden for as long as the queue's visibility timeout, unless the runtime dies, too.
  await airlock.restart();
  killed.runtime += 1;
  const ended = await until(
    () => endings(home),
    ({ outcomes }) => [...files.keys()].every((key) => outcomes.has(key)),
    { patienceMs: 300_000 },
  );
  for (const key of await landed(landing)) {
    if (!files.has(key)) problems.push(`${key} was never uploaded`);
  }
  for (const [key, content] of files) {
    const expected = content === EICAR ? 'quarantined' : 'delivered';
    if (ended.outcomes.get(key) !== expected)
      problems.push(`${key} ended as ${ended.outcomes.get(key)}`);
    const found = await readFile(join(landing, key)).catch(() => undefined);
    if (content === EICAR ? found !== undefined : !found?.equals(content)) {
      const size = found === undefined ? 'absent' : `${found.length} bytes`;
      problems.push(`${key}, ${content.length} bytes, is ${size} in the landing tree`);
      problems.push(JSON.stringify(ended.of(key)));
    }
  }
  const bytes = [...files.values()].reduce((sum, { length }) => sum + length, 0);
  say(
    `${count} uploads, ${(bytes / 1e6).toFixed(0)} MB, ${files.size - cleanKeys().length} infected, in ` +
      `${Math.round((Date.now() - startedAt) / 1000)} s; stored in ${tries.count} tries, ${fullTries} of them with the disk full\n` +
      `killed: clamd ${killed.clamd}, workers ${killed.worker}, the runtime ${killed.runtime}\n` +
      `${ended.noticeCount} notices with ${ended.ids.size} ids; ${problems.length} problems`,
  );
  for (const problem of problems.slice(0, 20)) say(problem);
  return problems.length > 0 ? 1 : 0;

  function cleanKeys(): readonly string[] {
    return [...files].filter(([, content]) => content !== EICAR).map(([key]) => key);
  }

  async function killAtRandom(): Promise<void> {
    let killAt = 0;
    while (!state.isDone) {
      const { outcomes } = await endings(home);
      if (outcomes.size < killAt || outcomes.size > count * LAST_KILL_AT) {
        await sleep(50);
        continue;
      }
      killAt = outcomes.size + 1 + Math.floor(next() * LARGEST_PROGRESS);
      const draw = next();
      if (draw < RUNTIME_SHARE && !airlock.isFull) {
        await airlock.restart();
        killed.runtime += 1;
      } else if (draw < 0.4) {
        const pid = Number(await readFile(join(home, 'clamd/clamd.pid'), 'utf8').catch(() => '0'));
        killed.clamd += kill(pid);
      } else {
        const workers = await childrenOf(airlock.pid(), 'functions/ingest/handler');
        killed.worker += kill(workers[Math.floor(next() * workers.length)] ?? 0);
      }
    }
  }

  /** @returns how many tries to store were made meanwhile */
  async function fillOnce(): Promise<number> {
    await until(
      () => endings(home),
      ({ outcomes }) => outcomes.size >= count * 0.3,
      { patienceMs: 300_000 },
    );
    airlock.isFull = true;
    await airlock.running();
    const before = tries.count;
    const full = await fillDisk(home);
    await sleep(FULL_FOR_MS);
    await full[Symbol.asyncDispose]();
    airlock.isFull = false;
    return tries.count - before;
  }
}

function randomFile(index: number, next: Next): [string, Buffer] {
  const folder = `folder-${Math.floor(next() * 20)}`;
  if (next() < INFECTED_SHARE) return [`${folder}/bad-${index}`, EICAR];
  const draw = next();
  const largest = draw < 0.7 ? 20_000 : draw < 0.95 ? 300_000 : 3_000_000;
  return [`${folder}/good-${index}`, randomBytes(1 + Math.floor(next() * largest))];
}

function senders(
  queue: [string, Buffer][],
  send: (key: string, content: Buffer) => Promise<void>,
): readonly Promise<void>[] {
  return Array.from({ length: SENDERS }, async () => {
    for (let file = queue.pop(); file; file = queue.pop()) await send(...file);
  });
}

/** As a partner's client does that is told to try again later. */
async function putUntilStored(
  s3: { readonly client: S3Client; readonly bucket: string },
  Key: string,
  Body: Buffer,
  tries: { count: number },
): Promise<void> {
  for (;;) {
    tries.count += 1;
    try {
      await s3.client.send(new PutObjectCommand({ Bucket: s3.bucket, Key, Body }));
      return;
    } catch {
      await sleep(250);
    }
  }
}

/** Reads each file as soon as something happens to it: a reader must see all of it or nothing. */
function watchForPartial(
  landing: string,
  files: ReadonlyMap<string, Buffer>,
  problems: string[],
): Disposable {
  const watcher = watch(landing, { recursive: true }, (_event, name) => {
    const content = name === null ? undefined : files.get(name);
    if (name === null || content === undefined) return;
    if (content === EICAR) problems.push(`${name} was visible`);
    void checkWhole(name, content);
  });
  async function checkWhole(name: string, content: Buffer): Promise<void> {
    try {
      const found = await readFile(join(landing, name));
      if (!found.equals(content)) problems.push(`${name} was visible in part`);
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') problems.push(`${name}: ${describeError(error)}`);
    }
  }
  return { [Symbol.dispose]: () => watcher.close() };
}

/** Of all runs, by what is on disk. */
async function endings(home: string) {
  const text = await readFile(join(home, 'notices.jsonl'), 'utf8').catch(() => '');
  const notices = text.split('\n').flatMap((line) => {
    try {
      return [JSON.parse(line) as Notice];
    } catch {
      return []; // cut by a kill
    }
  });
  return {
    outcomes: new Map(notices.map(({ object, outcome }) => [object?.key, outcome])),
    of: (key: string) => notices.filter(({ object }) => object?.key === key),
    ids: new Set(notices.map(({ id }) => id)),
    noticeCount: notices.length,
  };
}

async function landed(landing: string): Promise<readonly string[]> {
  const entries = await readdir(landing, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(landing.length + 1));
}

async function startRuntime(home: string, port: number) {
  let child = await run();
  let starting: Promise<void> = Promise.resolve();
  const info = await ready();
  const { region, credentials, endpoints, buckets } = info;
  const client = new S3Client({ region, credentials, endpoint: endpoints.s3, maxAttempts: 1 });

  async function run(): Promise<ChildProcess> {
    const env = {
      ...process.env,
      AIRLOCK_HOME: home,
      AIRLOCK_SFTP_PORT: '0',
      AIRLOCK_S3_PORT: String(port),
      AIRLOCK_SIGNATURES: 'test',
    };
    const started = spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'ignore', 'pipe'] });
    started.stderr?.pipe(process.stderr, { end: false });
    await once(started, 'spawn');
    return started;
  }

  async function ready(): Promise<RuntimeInfo> {
    return await until(
      async () => {
        if (child.exitCode !== null) throw new Error('the runtime did not start');
        const text = await readFile(join(home, 'runtime.json'), 'utf8').catch(() => '{}');
        return JSON.parse(text) as RuntimeInfo;
      },
      ({ pid }) => pid === child.pid,
      { patienceMs: 180_000 },
    );
  }

  return {
    s3: { client, bucket: buckets.inbox },
    isFull: false,
    pid: () => child.pid ?? 0,
    running: () => starting,
    async restart() {
      const restarted = Promise.withResolvers<void>();
      starting = restarted.promise;
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
      child = await run();
      await ready();
      restarted.resolve();
    },
    async [Symbol.asyncDispose]() {
      client.destroy();
      const exited = once(child, 'exit');
      if (child.exitCode === null && child.signalCode === null && child.kill('SIGTERM'))
        await exited;
    },
  };
}

function kill(pid: number): 0 | 1 {
  try {
    if (pid > 0) process.kill(pid, 'SIGKILL');
    return pid > 0 ? 1 : 0;
  } catch {
    return 0; // it has just ended
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
