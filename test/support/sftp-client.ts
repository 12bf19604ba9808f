import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Client, ConnectConfig, SFTPWrapper } from 'ssh2';
import ssh2 from '../../gateway/ssh/ssh2.ts';

export type SftpAddress = { readonly host: string; readonly port: number };

export type SftpRun = { readonly code: number; readonly stdout: string; readonly stderr: string };

/**
 * Runs OpenSSH's own `sftp` with commands as from its prompt; it stops at the first that fails, unless
 * that one begins with `-`. `code` is 0 when all went well.
 */
export async function runSftp(
  to: SftpAddress & { readonly username: string; readonly privateKeyPath: string },
  commands: readonly string[],
  options: readonly string[] = [],
): Promise<SftpRun> {
  const ssh = ['StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'LogLevel=ERROR'];
  const quiet = [...ssh, 'BatchMode=yes', 'IdentitiesOnly=yes'].flatMap((option) => ['-o', option]);
  const where = ['-P', String(to.port), '-i', to.privateKeyPath];
  const child = spawn('sftp', [
    ...options,
    '-b',
    '-',
    ...where,
    ...quiet,
    `${to.username}@${to.host}`,
  ]);
  // A client that fails to log in does not read its commands.
  child.stdin.on('error', () => {});
  child.stdin.end(`${commands.join('\n')}\n`);
  const [stdout, stderr] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { code: child.exitCode ?? -1, stdout, stderr };
}

/** A name as one word of `sftp`'s prompt, whatever it contains. */
export function quoted(name: string): string {
  return `"${name.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}

/** As ssh2 calls back; which value comes with success, the caller of `ask` says. */
// oxlint-disable-next-line typescript/no-explicit-any
type Callback = (error?: Error | null, value?: any) => void;

/** For what the command cannot say: raw offsets, concurrent requests, connections cut in the middle. */
export interface SftpConnection extends AsyncDisposable {
  readonly client: Client;
  readonly sftp: SFTPWrapper;
  /** Asks and waits: `ask<Buffer>((done) => sftp.open('a', 'w', done))`. */
  readonly ask: <T = unknown>(request: (done: Callback) => void) => Promise<T>;
  /** Drops the TCP connection, as a pulled plug does. */
  cut(): void;
}

/** Logs in with ssh2's client. @throws when the login is refused */
export async function connectSftp(
  to: SftpAddress,
  login: Pick<ConnectConfig, 'username' | 'password' | 'privateKey'>,
): Promise<SftpConnection> {
  const sock = connect({ ...to, noDelay: true });
  const client = new ssh2.Client();
  const closed = new Promise((resolve) => sock.once('close', resolve));
  try {
    await new Promise<void>((resolve, reject) => {
      client.once('ready', resolve).once('error', reject);
      client.once('close', () => reject(new Error('closed by the server')));
      // The default of 20 s is too short for a busy machine.
      client.connect({ readyTimeout: 120_000, ...login, sock });
    });
    // A connection that is cut on purpose is no accident.
    client.on('error', () => {});
    const ask = <T>(request: (done: Callback) => void) =>
      new Promise<T>((resolve, reject) => {
        request((error, value) => (error ? reject(error) : resolve(value)));
      });
    const sftp = await ask<SFTPWrapper>((done) => client.sftp(done));
    return {
      client,
      sftp,
      ask,
      cut: () => sock.destroy(),
      [Symbol.asyncDispose]: () => end(client, sock),
    };
  } catch (error) {
    sock.destroy();
    await closed;
    throw error;
  }
}

async function end(client: Client, sock: Socket): Promise<void> {
  if (sock.closed) return;
  const closed = once(sock, 'close');
  client.end();
  await closed;
}
