import { randomInt } from 'node:crypto';
import { chmod, link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import ssh2 from './ssh2.ts';
import { errorCode } from '../../shared/platform/errors.ts';

const { utils } = ssh2;

export type Credentials = {
  /** Private key of the server, OpenSSH format. */
  readonly hostKey: string;
  readonly username: 'demo';
  readonly password: string;
  /** File with the demo partner's private key, for `sftp -i`. */
  readonly privateKeyPath: string;
  /** Type and base64, as in an `authorized_keys` line. */
  readonly publicKey: string;
};

/**
 * Keys and password of the local SFTP server, created at the first start and kept.
 *
 * Directory and files are readable by their owner only. Concurrent first starts end up with the same credentials.
 */
export async function loadOrCreateCredentials(directory: string): Promise<Credentials> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await chmod(directory, 0o700);
  const privateKeyPath = join(directory, 'demo-key');
  const hostKey = await loadOrCreateHostKey(join(directory, 'host-key'));
  const privateKey = await readOrCreate(privateKeyPath, newPrivateKey);
  const password = await readOrCreate(join(directory, 'demo-password'), newPassword);
  return {
    hostKey,
    username: 'demo',
    password: password.trim(),
    privateKeyPath,
    publicKey: publicKeyLine(privateKey),
  };
}

/** The private key by which clients recognise a server, created at the first start and kept. */
export function loadOrCreateHostKey(path: string): Promise<string> {
  return readOrCreate(path, newPrivateKey);
}

/** Reads a file, or creates it atomically; a file created concurrently by another process wins. */
async function readOrCreate(path: string, create: () => string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
  const partial = `${path}.${process.pid}.${randomInt(2 ** 32)}.partial`;
  try {
    await writeFile(partial, create(), { mode: 0o600, flag: 'wx', flush: true });
    await link(partial, path);
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  } finally {
    await rm(partial, { force: true });
  }
  return readFile(path, 'utf8');
}

/** ssh2 1.17.0 drops a leading zero byte of a public key, which makes one pair in 256 unreadable. */
function newPrivateKey(): string {
  for (;;) {
    const { private: key } = utils.generateKeyPairSync('ed25519');
    if (!(utils.parseKey(key) instanceof Error)) return key;
  }
}

/** Without characters that look alike; four groups of five out of 31 are 99 bits. */
function newPassword(): string {
  const alphabet = 'abcdefghjkmnpqrstuvwxyz23456789';
  const group = () =>
    Array.from({ length: 5 }, () => alphabet[randomInt(alphabet.length)]).join('');
  return `${[group(), group(), group(), group()].join('-')}\n`;
}

function publicKeyLine(privateKey: string): string {
  const key = utils.parseKey(privateKey);
  if (key instanceof Error) throw key;
  return `${key.type} ${key.getPublicSSH().toString('base64')}`;
}
