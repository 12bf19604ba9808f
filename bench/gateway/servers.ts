import { execFileSync, fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync } from 'node:fs';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Server extends AsyncDisposable {
  readonly name: string;
  /** undefined = it is not installed. */
  readonly port: number | undefined;
  readonly pid: number;
  /** The folder for uploads, as a path on this server. */
  readonly root: string;
  readonly username: string;
}

export const BUCKET = 'bench';
/** As in `npm run gateway`; docs/gateway.md has the reason. */
const NODE_FLAGS = { execArgv: ['--expose-gc', '--max-semi-space-size=4'] };
const HELPER = join(import.meta.dirname, 'helper.ts');

/** The S3 stand-in, in a process of its own. */
export async function startStorage(
  directory: string,
): Promise<AsyncDisposable & { readonly endpoint: string; readonly pid: number }> {
  const child = fork(HELPER, ['storage', directory], NODE_FLAGS);
  const [endpoint]: unknown[] = await once(child, 'message');
  return {
    endpoint: String(endpoint),
    pid: child.pid ?? 0,
    [Symbol.asyncDispose]: () => end(child),
  };
}

/** The gateway in front of the S3 stand-in, in a process of its own. */
export async function startGateway(directory: string, endpoint: string): Promise<Server> {
  const child = fork(HELPER, ['gateway', directory, endpoint], NODE_FLAGS);
  const [port]: unknown[] = await once(child, 'message');
  return {
    name: 'gateway',
    port: Number(port),
    pid: child.pid ?? 0,
    root: '',
    username: 'bench',
    [Symbol.asyncDispose]: () => end(child),
  };
}

export function keyPath(directory: string): string {
  return join(directory, 'client-key');
}

function makeKeys(directory: string): void {
  for (const name of ['client-key', 'host-key']) {
    if (existsSync(join(directory, name))) continue;
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(directory, name)]);
  }
}

export async function startOpenSsh(directory: string): Promise<Server> {
  makeKeys(directory);
  const sshd = '/usr/sbin/sshd';
  const root = join(directory, 'disk');
  mkdirSync(root);
  if (!existsSync(sshd) || process.getuid?.() !== 0) return absent('OpenSSH to disk');
  // sshd needs it for privilege separation.
  mkdirSync('/run/sshd', { recursive: true });
  const port = await freePort();
  const keys = join(directory, 'authorized_keys');
  await copyFile(`${keyPath(directory)}.pub`, keys);
  const config = join(directory, 'sshd_config');
  await writeFile(
    config,
    [
      `ListenAddress 127.0.0.1:${port}`,
      `HostKey ${join(directory, 'host-key')}`,
      `AuthorizedKeysFile ${keys}`,
      `PidFile ${join(directory, 'sshd.pid')}`,
      'StrictModes no',
      'UsePAM no',
      'PermitRootLogin yes',
      'PasswordAuthentication no',
      'MaxStartups 100',
      'Subsystem sftp /usr/lib/openssh/sftp-server',
      '',
    ].join('\n'),
  );
  const child = spawn(sshd, ['-D', '-f', config], { stdio: 'ignore' });
  await listening(port);
  const name = 'OpenSSH to disk';
  const pid = child.pid ?? 0;
  return { name, port, pid, root, username: 'root', [Symbol.asyncDispose]: () => end(child) };
}

export async function startRclone(directory: string, endpoint: string): Promise<Server> {
  makeKeys(directory);
  const name = 'rclone serve sftp';
  if (!existsSync('/usr/bin/rclone')) return absent(name);
  const port = await freePort();
  const remote = `:s3,provider=Other,access_key_id=x,secret_access_key=x,region=eu-central-1,endpoint="${endpoint}":${BUCKET}/rclone`;
  const child = spawn(
    'rclone',
    [
      'serve',
      'sftp',
      remote,
      '--log-file',
      join(directory, 'rclone.log'),
      '--addr',
      `127.0.0.1:${port}`,
      '--authorized-keys',
      `${keyPath(directory)}.pub`,
      '--key',
      join(directory, 'host-key'),
    ],
    {
      stdio: 'ignore',
      env: { PATH: process.env['PATH'] ?? '', RCLONE_CONFIG: join(directory, 'rclone.conf') },
    },
  );
  await listening(port);
  const pid = child.pid ?? 0;
  return { name, port, pid, root: '', username: 'any', [Symbol.asyncDispose]: () => end(child) };
}

/** CPU time of a process and of those of its children that have ended. */
export async function cpuSecondsOf(pid: number): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? [];
  const ticks = [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index]), 0);
  return ticks / 100;
}

/** Resident memory of a process: now and at its peak. */
export async function memoryOf(pid: number): Promise<{ now: number; peak: number }> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const kib = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0);
  return { now: kib('VmRSS') * 1024, peak: kib('VmHWM') * 1024 };
}

function absent(name: string): Server {
  return {
    name,
    port: undefined,
    pid: 0,
    root: '',
    username: '',
    [Symbol.asyncDispose]: async () => {},
  };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function listening(port: number): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const socket = connect(port, '127.0.0.1');
    const isUp = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isUp) return;
    await sleep(50);
  }
  throw new Error(`nothing listens on ${port}`);
}
