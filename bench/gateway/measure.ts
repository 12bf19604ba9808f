import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { cpuSecondsOf, keyPath, memoryOf, type Server } from './servers.ts';

export type Row = {
  readonly name: string;
  /** One connection each, all at once. */
  readonly folders: readonly string[];
  readonly bytes: number;
  readonly files: number;
};

export type Measured = {
  /** NaN where an upload failed. */
  readonly seconds: readonly number[];
  /** Of the server, and of the S3 stand-in behind it. */
  readonly cpuSeconds: readonly (readonly [number, number])[];
  /** Peak resident memory during the row, and resident memory before any connection. */
  readonly peakBytes: number;
  readonly idleBytes: number;
};

type Mutable = {
  seconds: number[];
  cpuSeconds: [number, number][];
  peakBytes: number;
  idleBytes: number;
};

export type Results = ReadonlyMap<Row, ReadonlyMap<Server, Measured>>;

const SAMPLE_EVERY_MS = 50;

/** Measures the servers in turn, row by row and run by run, so that a slow phase of the machine affects all of them. */
export async function measure(
  rows: readonly Row[],
  servers: readonly Server[],
  directory: string,
  runs: number,
  storagePid: number,
): Promise<Results> {
  const idle = new Map<Server, number>();
  for (const server of servers) idle.set(server, (await memoryOf(server.pid)).now);
  const results = new Map<Row, Map<Server, Mutable>>();
  for (const row of rows) {
    const measured = new Map(
      servers.map((server) => [
        server,
        {
          seconds: [] as number[],
          cpuSeconds: [] as [number, number][],
          peakBytes: 0,
          idleBytes: idle.get(server) ?? 0,
        },
      ]),
    );
    results.set(row, measured);
    for (let run = 0; run < runs; run++) {
      for (const server of servers) {
        const into = measured.get(server);
        if (into === undefined) continue;
        const watched = watchMemory(server.pid);
        const cpu = () => Promise.all([cpuSecondsOf(server.pid), cpuSecondsOf(storagePid)]);
        const before = await cpu();
        const startedAt = performance.now();
        const uploads = row.folders.map((folder) =>
          upload(server, directory, folder, `${folder}-${rows.indexOf(row)}-${run}`),
        );
        const failed = (await Promise.allSettled(uploads)).filter(
          (each) => each.status === 'rejected',
        );
        const seconds = (performance.now() - startedAt) / 1000;
        const after = await cpu();
        into.cpuSeconds.push([after[0] - before[0], after[1] - before[1]]);
        into.seconds.push(failed.length === 0 ? seconds : Number.NaN);
        into.peakBytes = Math.max(into.peakBytes, await watched());
        const how = failed[0] === undefined ? '' : ` FAILED: ${String(failed[0].reason)}`;
        console.error(`${row.name}: ${server.name} ${seconds.toFixed(2)} s${how}`);
      }
    }
  }
  return results;
}

async function upload(
  server: Server,
  directory: string,
  folder: string,
  name: string,
): Promise<void> {
  const options = ['StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'LogLevel=ERROR'];
  const child = spawn(
    'sftp',
    [
      '-b',
      '-',
      '-P',
      String(server.port),
      '-i',
      keyPath(directory),
      '-q',
      ...[...options, 'BatchMode=yes', 'IdentitiesOnly=yes'].flatMap((option) => ['-o', option]),
      `${server.username}@127.0.0.1`,
    ],
    { stdio: ['pipe', 'ignore', 'pipe'] },
  );
  const root = server.root === '' ? '' : `${server.root}/`;
  child.stdin.end(`-mkdir ${root}${name}\nput -R ${join(directory, folder)}/* ${root}${name}/\n`);
  let stderr = '';
  child.stderr.on('data', (chunk) => (stderr += String(chunk)));
  await once(child, 'close');
  if (child.exitCode !== 0)
    throw new Error(`${server.name}: sftp ended with ${child.exitCode}: ${stderr}`);
}

/** Samples memory until the returned function is called, which resolves with the peak. */
function watchMemory(pid: number): () => Promise<number> {
  let most = 0;
  const sample = async (): Promise<void> => {
    most = Math.max(most, (await memoryOf(pid)).now);
  };
  const timer = setInterval(() => void sample().catch(() => {}), SAMPLE_EVERY_MS);
  return async () => {
    clearInterval(timer);
    await sample();
    return most;
  };
}
