import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import type { SftpAddress, SftpRun } from './sftp-client.ts';

export type ScpLogin = SftpAddress & { readonly username: string; readonly privateKeyPath: string };

/**
 * Runs OpenSSH's `scp`; a word that begins with `:` is on the server. `-O` among the words has it speak
 * the old protocol, without it speaks SFTP.
 */
export async function runScp(to: ScpLogin, words: readonly string[]): Promise<SftpRun> {
  const options = ['StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'LogLevel=ERROR'];
  const child = spawn('scp', [
    ...[...options, 'BatchMode=yes', 'IdentitiesOnly=yes'].flatMap((option) => ['-o', option]),
    '-P',
    String(to.port),
    '-i',
    to.privateKeyPath,
    ...words.map((word) => (word.startsWith(':') ? `${to.username}@${to.host}${word}` : word)),
  ]);
  child.stdin.end();
  const [stdout, stderr] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { code: child.exitCode ?? -1, stdout, stderr };
}
