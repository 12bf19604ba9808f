import { createHash, randomInt, timingSafeEqual } from 'node:crypto';
import { chmod, link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { errorCode } from '../../shared/platform/errors.ts';
import type { Authenticate } from './login.ts';

const { utils } = ssh2;

export type Credentials = {
  /** Private key of the server, OpenSSH format. */
  readonly hostKey: string;
  readonly username: 'demo';
  readonly password: string;
  /** File with the demo partner's private key, for `sftp -i`. */
  readonly privateKeyPath: string;
  /** The key's `authorized_keys` line. */
  readonly publicKey: string;
};

/**
 * The keys and the password of this machine's SFTP door: made once, then the same at every start.
 *
 * The directory is for its owner only, and so is each file. Two starts at the same time agree.
 */
export async function loadOrCreateCredentials(directory: string): Promise<Credentials> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await chmod(directory, 0o700);
  const privateKeyPath = join(directory, 'demo-key');
  const hostKey = await keep(join(directory, 'host-key'), newPrivateKey);
  const privateKey = await keep(privateKeyPath, newPrivateKey);
  const password = await keep(join(directory, 'demo-password'), newPassword);
  return {
    hostKey,
    username: 'demo',
    password: password.trim(),
    privateKeyPath,
    publicKey: publicKeyLine(privateKey),
  };
}

/** Lets the demo partner in, by password or key, with the whole bucket as home. */
export function demoPartner(credentials: Credentials, bucket: string): Authenticate {
  const allowedKey = Buffer.from(credentials.publicKey.split(' ')[1] ?? '', 'base64');
  return async (attempt) => {
    // Both are always compared, so that time does not tell a known name from an unknown one.
    const isUser = isSame(attempt.username, credentials.username);
    const isSecret =
      attempt.method === 'password'
        ? isSame(attempt.password, credentials.password)
        : isSame(attempt.key.bytes, allowedKey);
    return isUser && isSecret ? { username: credentials.username, bucket, prefix: '' } : undefined;
  };
}

/** In a time that depends on neither: digests are of one length. */
function isSame(given: string | Buffer, expected: string | Buffer): boolean {
  return timingSafeEqual(digest(given), digest(expected));
}

function digest(value: string | Buffer): Buffer {
  return createHash('sha256').update(value).digest();
}

/** What a file holds; when there is none, it is created whole, and never over another's. */
async function keep(path: string, create: () => string): Promise<string> {
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

/** ssh2 1.17.0 drops a zero byte that a public key begins with: one pair in 256 is unreadable. */
function newPrivateKey(): string {
  for (;;) {
    const { private: key } = utils.generateKeyPairSync('ed25519');
    if (!(utils.parseKey(key) instanceof Error)) return key;
  }
}

/** Without letters that look like others; four groups of five from 31 signs are 99 bits. */
function newPassword(): string {
  const signs = 'abcdefghjkmnpqrstuvwxyz23456789';
  const group = () => Array.from({ length: 5 }, () => signs[randomInt(signs.length)]).join('');
  return `${[group(), group(), group(), group()].join('-')}\n`;
}

function publicKeyLine(privateKey: string): string {
  const key = utils.parseKey(privateKey);
  if (key instanceof Error) throw key;
  return `${key.type} ${key.getPublicSSH().toString('base64')} demo@airlock`;
}
