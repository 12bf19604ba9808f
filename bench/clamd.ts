/**
 * What makes clamd faster: concurrent clients, threads, several processes, its cache, the memory
 * allocator; with the few test signatures and with a large generated database.
 *
 * `node bench/clamd.ts [runs, default 3] [rows, a regular expression on their names]`;
 * `ALLOCATORS=/path/to/lib1.so:/path/to/lib2.so` adds rows.
 *
 * Prints medians of files per second for 1,000 files of 10 KB and 100 of 1 MB, and the total memory of
 * the clamd processes. Each row scans new files.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { clamdConfiguration } from '../shared/engine/clamd-configuration.ts';
import { clamdScanner } from '../shared/scan/clamd/clamd-scanner.ts';

type Setup = {
  readonly name: string;
  readonly processes: number;
  readonly clients: number;
  readonly settings?: string;
  readonly preload?: string;
};

const { signal } = new AbortController();
const runs = Number(process.argv[2] ?? 3);
const wanted = new RegExp(process.argv[3] ?? '');
const allocators = (process.env['ALLOCATORS'] ?? '').split(':').filter(Boolean);
const SETUPS: readonly Setup[] = [
  { name: '1 client', processes: 1, clients: 1 },
  { name: '2 clients', processes: 1, clients: 2 },
  { name: '4 clients', processes: 1, clients: 4 },
  { name: '4 clients, MaxThreads 4', processes: 1, clients: 4, settings: 'MaxThreads 4\n' },
  { name: '4 clients, no cache', processes: 1, clients: 4, settings: 'DisableCache yes\n' },
  { name: '4 clients, large cache', processes: 1, clients: 4, settings: 'CacheSize 1048576\n' },
  { name: '4 clients, 2 processes', processes: 2, clients: 4 },
  ...allocators.map((preload) => ({
    name: `4 clients, ${basename(preload)}`,
    processes: 1,
    clients: 4,
    preload,
  })),
].filter(({ name }) => wanted.test(name));

const home = await mkdtemp(join(tmpdir(), 'bench-clamd-'));
try {
  const small = new URL('../local/clamd/signatures', import.meta.url).pathname;
  const large = join(home, 'large');
  await makeLargeDatabase(large);
  console.log(`${runs} runs, medians\n`);
  for (const [name, database] of [
    ['test signatures', small],
    ['large database', large],
  ] as const) {
    console.log(`${name.padEnd(34)} 10 KB/s    1 MB/s  memory, MB`);
    // The setups take turns, so that a busy minute of the machine affects all of them.
    const results = new Map<Setup, Result[]>(SETUPS.map((setup) => [setup, []]));
    for (let run = 0; run < runs; run += 1) {
      for (const [setup, all] of results) all.push(await measure(setup, database));
    }
    for (const [setup, all] of results) {
      const median = (pick: (result: Result) => number): number =>
        all.map(pick).toSorted((a, b) => a - b)[Math.floor(runs / 2)] ?? Number.NaN;
      const columns = [median((it) => it.smallPerS), median((it) => it.largePerS)];
      const numbers = [...columns, median((it) => it.memoryMb)].map((it) => it.toFixed(0));
      console.log(`  ${setup.name.padEnd(30)} ${numbers.map((it) => it.padStart(9)).join(' ')}`);
    }
  }
} finally {
  await rm(home, { recursive: true, force: true });
}

type Result = { readonly smallPerS: number; readonly largePerS: number; readonly memoryMb: number };

async function measure(setup: Setup, database: string): Promise<Result> {
  const directory = await mkdtemp(join(home, 'run-'));
  const daemons: { socket: string; process: ChildProcess }[] = [];
  try {
    for (let index = 0; index < setup.processes; index += 1) {
      daemons.push(await startOne(join(directory, String(index)), database, setup));
    }
    const sockets = daemons.map(({ socket }) => socket);
    return {
      smallPerS: await perSecond(directory, 1000, 10_000, sockets, setup.clients),
      largePerS: await perSecond(directory, 100, 1_000_000, sockets, setup.clients),
      memoryMb: (await Promise.all(daemons.map((it) => memoryMb(it.process.pid)))).reduce(
        (a, b) => a + b,
      ),
    };
  } finally {
    for (const { process } of daemons) {
      process.kill('SIGKILL');
      await once(process, 'exit');
    }
    await rm(directory, { recursive: true, force: true });
  }
}

async function startOne(directory: string, signatures: string, { settings = '', preload }: Setup) {
  const temporaryDirectory = join(directory, 'tmp');
  await mkdir(temporaryDirectory, { recursive: true });
  const socket = join(directory, 's');
  const paths = { socket, signatures, temporaryDirectory, log: join(directory, 'log') };
  const file = join(directory, 'conf');
  const overridden = settings.split(' ')[0] ?? '';
  const lines = clamdConfiguration(paths, 600_000).split('\n');
  const kept = lines.filter((line) => overridden === '' || !line.startsWith(overridden));
  await writeFile(file, `${kept.join('\n')}${settings}`);
  const env = {
    ...process.env,
    PATH: `${process.env['PATH']}:/usr/sbin`,
    LD_PRELOAD: preload ?? '',
  };
  const clamd = spawn('clamd', ['--config-file', file], { stdio: 'ignore', env });
  while (
    (await clamdScanner(socket)
      .version(signal)
      .catch(() => undefined)) === undefined
  ) {
    if (clamd.exitCode !== null) throw new Error(await readFile(paths.log, 'utf8'));
    await sleep(50);
  }
  return { socket, process: clamd };
}

/** Files per second, with the clients spread over the processes. */
async function perSecond(
  directory: string,
  count: number,
  sizeBytes: number,
  sockets: readonly string[],
  clients: number,
): Promise<number> {
  const files = Array.from({ length: count }, (_, index) =>
    join(directory, `${sizeBytes}-${index}`),
  );
  for (const file of files) await writeFile(file, csv(sizeBytes));
  const startedAt = performance.now();
  const work = Array.from({ length: clients }, async (_, client) => {
    const scanner = clamdScanner(sockets[client % sockets.length] ?? '');
    for (let file = files.pop(); file !== undefined; file = files.pop()) {
      await scanner.scan(file, signal);
    }
  });
  await Promise.all(work);
  return count / ((performance.now() - startedAt) / 1000);
}

function csv(sizeBytes: number): Buffer {
  const hex = randomBytes(Math.ceil(sizeBytes / 2)).toString('hex');
  return Buffer.from(hex.replaceAll(/(.{8})(.{6})(.{2})/g, '$1;$2;\n').slice(0, sizeBytes));
}

async function memoryMb(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1000;
}

/** As many body signatures as the official database, and some hashes: about 35 MB. */
async function makeLargeDatabase(directory: string): Promise<void> {
  await mkdir(directory);
  const lines = (count: number, line: (index: number) => string): string =>
    Array.from({ length: count }, (_, index) => `${line(index)}\n`).join('');
  const hex = (bytes: number): string => randomBytes(bytes).toString('hex');
  await writeFile(
    join(directory, 'made-up.ndb'),
    lines(120_000, (index) => `Made.Up-${index}:0:*:${hex(24)}*${hex(16)}`),
  );
  await writeFile(
    join(directory, 'made-up.hdb'),
    lines(400_000, (index) => `${hex(16)}:${1000 + (index % 99_000)}:Made.Up.Hash-${index}`),
  );
}
