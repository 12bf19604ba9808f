import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { OpenGateway } from '../gateway/open-gateway.ts';

/** The local and the remote folder of one operation with one client. */
export type World = {
  readonly gateway: OpenGateway;
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly privateKeyPath: string;
  /** Absolute path, empty at first. */
  readonly local: string;
  /** Below the partner's root, without a slash at either end; empty at first. */
  readonly remote: string;
};

export async function createWorld(gateway: OpenGateway, name: string): Promise<World> {
  const local = join(gateway.directory, name);
  await mkdir(local, { recursive: true });
  const { server, credentials } = gateway;
  const { username, privateKeyPath } = credentials;
  return {
    gateway,
    host: server.host,
    port: server.port,
    username,
    privateKeyPath,
    local,
    remote: name,
  };
}

export async function localFile(world: World, name: string, sizeBytes: number): Promise<Buffer> {
  const bytes = randomBytes(sizeBytes);
  const path = join(world.local, name);
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, bytes);
  return bytes;
}

/** Keeps ssh from prompting and from writing known hosts. */
export const SSH_OPTIONS = [
  'StrictHostKeyChecking=no',
  'UserKnownHostsFile=/dev/null',
  'LogLevel=ERROR',
  'BatchMode=yes',
  'IdentitiesOnly=yes',
].flatMap((option) => ['-o', option]);

/** Runs a program. @returns its output @throws with its messages when it fails */
export async function run(program: string, words: readonly string[], input = ''): Promise<string> {
  const child = spawn(program, words, { env: { ...process.env, HOME: '/nonexistent' } });
  // A program that fails early does not read its input.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const [stdout, stderr] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  if (child.exitCode === 0) return stdout;
  throw new Error(`${program} ended with ${child.exitCode}: ${stderr || stdout}`);
}
