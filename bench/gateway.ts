/**
 * Upload speed and memory per connection of the gateway, compared in one run with OpenSSH's server (to local disk) and
 * rclone's server (to the same S3 stand-in); the client is OpenSSH's `sftp`.
 *
 * `node bench/gateway.ts [runs, default 3] [large file in MiB, default 1024] [rows, a pattern]`. Needs root for sshd, and Debian's
 * openssh-server and rclone; servers that are not installed are skipped.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { measure, type Row } from './gateway/measure.ts';
import { startGateway, startOpenSsh, startRclone, startStorage } from './gateway/servers.ts';
import { printReport } from './gateway/report.ts';

const MIB = 1024 * 1024;
const [runs = 3, largeMib = 1024] = process.argv.slice(2, 4).map(Number);
const wanted = new RegExp(process.argv[4] ?? '');

const directory = await mkdtemp(join(tmpdir(), 'bench-gateway-'));
try {
  await using stack = new AsyncDisposableStack();
  await makeFiles();
  const storage = stack.use(await startStorage(directory));
  const servers = [
    stack.use(await startOpenSsh(directory)),
    stack.use(await startRclone(directory, storage.endpoint)),
    stack.use(await startGateway(directory, storage.endpoint)),
  ].filter((server) => server.port !== undefined);

  const all: Row[] = [
    {
      name: `1 x ${largeMib} MiB, 1 connection`,
      folders: ['large'],
      bytes: largeMib * MIB,
      files: 1,
    },
    {
      name: `8 x ${largeMib / 8} MiB, 8 connections`,
      folders: eight('eighth'),
      bytes: largeMib * MIB,
      files: 8,
    },
    { name: '2,000 x 10 KB, 1 connection', folders: ['small'], bytes: 2000 * 10_000, files: 2000 },
    {
      name: '2,000 x 10 KB, 8 connections',
      folders: eight('small'),
      bytes: 2000 * 10_000,
      files: 2000,
    },
  ];
  const rows = all.filter(({ name }) => wanted.test(name));
  printReport(rows, servers, await measure(rows, servers, directory, runs, storage.pid));
} finally {
  if (process.env['KEEP'] === undefined) await rm(directory, { recursive: true, force: true });
}

function eight(name: string): string[] {
  return Array.from({ length: 8 }, (_, index) => `${name}-${index}`);
}

async function makeFiles(): Promise<void> {
  await makeLarge('large', largeMib);
  for (const name of eight('eighth')) await makeLarge(name, largeMib / 8);
  await makeSmall('small', 2000);
  for (const name of eight('small')) await makeSmall(name, 250);
}

async function makeLarge(name: string, mib: number): Promise<void> {
  await mkdir(join(directory, name));
  await using file = await open(join(directory, name, 'file'), 'w');
  const block = randomBytes(MIB);
  for (let index = 0; index < mib; index++) {
    block.writeUInt32LE(index);
    await file.write(block);
  }
}

async function makeSmall(name: string, count: number): Promise<void> {
  await mkdir(join(directory, name));
  for (let index = 0; index < count; index++) {
    await writeFile(join(directory, name, `file-${index}`), randomBytes(10_000));
  }
}
