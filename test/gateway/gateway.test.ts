import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startS3, type S3StandIn } from '../../local/s3/server.ts';
import { hashPassword } from '../../shared/identity/partner/password.ts';
import { connectSftp } from '../support/sftp-client.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const MAIN = fileURLToPath(new URL('../../gateway/main.ts', import.meta.url));
const SETTINGS = {
  region: 'eu-central-1',
  credentials: { accessKeyId: 'gateway', secretAccessKey: 'gateway' },
};

let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let standIn: S3StandIn;
let s3: S3Client;
beforeAll(async () => {
  directory = await temporaryDirectory();
  standIn = await startS3({
    root: join(directory.path, 's3'),
    region: SETTINGS.region,
    accountId: '000000000000',
    emit() {},
  });
  for (const name of ['inbox', 'config']) {
    standIn.ensureBucket(name, { versioned: true, eventBridge: false });
  }
  s3 = new S3Client({ ...SETTINGS, endpoint: standIn.endpoint });
});
afterAll(async () => {
  s3.destroy();
  await standIn[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
});

function start(...words: string[]): ChildProcess {
  return spawn(process.execPath, [MAIN, ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'] ?? '',
      AWS_ACCESS_KEY_ID: 'gateway',
      AWS_SECRET_ACCESS_KEY: 'gateway',
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    },
  });
}

/** Runs the gateway as a process and collects its log. */
async function openGateway(...words: string[]) {
  const common = ['--bucket', 'inbox', '--endpoint', standIn.endpoint, '--region', SETTINGS.region];
  const home = join(directory.path, 'home');
  const child = start(...common, '--port', '0', '--home', home, ...words);
  const stderr = text(child.stderr!);
  const lines: Record<string, unknown>[] = [];
  const opened = Promise.withResolvers<number>();
  createInterface({ input: child.stdout! }).on('line', (line) => {
    const parsed = JSON.parse(line) as Record<string, unknown>;
    lines.push(parsed);
    if (parsed['event'] === 'gateway opened') opened.resolve(Number(parsed['port']));
  });
  child.once('exit', () => void stderr.then((said) => opened.reject(new Error(said))));
  const port = await opened.promise;
  return {
    child,
    lines,
    address: { host: '127.0.0.1', port },
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

async function partnerDocument(name: string): Promise<string> {
  return JSON.stringify({
    version: 1,
    name,
    displayName: 'A partner',
    enabled: true,
    password: await hashPassword('a long secret'),
    publicKeys: [],
    allowedNetworks: ['127.0.0.1'],
    protocols: ['SFTP'],
    space: 'tenant',
    landingPrefix: `${name}/`,
  });
}

async function objectAt(key: string): Promise<string | undefined> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'inbox', Key: key }));
  return Body?.transformToString();
}

test('partners log in by documents in a folder, each into its own space', async () => {
  const partners = join(directory.path, 'partners');
  await mkdir(partners);
  await writeFile(join(partners, 'acme.json'), await partnerDocument('acme'));
  await using gateway = await openGateway('--partners', partners);
  {
    await using partner = await connectSftp(gateway.address, {
      username: 'acme',
      password: 'a long secret',
    });
    await partner.ask((done) => partner.sftp.writeFile('../report.csv', 'a,b', done));
  }
  expect(await objectAt('acme/report.csv')).toBe('a,b');
  const login = { username: 'acme', password: 'a wrong one' };
  await expect(connectSftp(gateway.address, login)).rejects.toThrow('authentication');
  await expect(connectSftp(gateway.address, { ...login, username: '../acme' })).rejects.toThrow(
    'authentication',
  );
});

test('partners log in by documents in a bucket', async () => {
  await s3.send(
    new PutObjectCommand({
      Bucket: 'config',
      Key: 'partners/globex.json',
      Body: await partnerDocument('globex'),
    }),
  );
  await using gateway = await openGateway('--config-bucket', 'config');
  await using partner = await connectSftp(gateway.address, {
    username: 'globex',
    password: 'a long secret',
  });
  await partner.ask((done) => partner.sftp.writeFile('report.csv', 'c,d', done));
  expect(await objectAt('globex/report.csv')).toBe('c,d');
});

test('on a signal the open upload may finish, and the next start has the same host key', async () => {
  const keyPath = join(directory.path, 'home', 'host-key');
  await using gateway = await openGateway('--config-bucket', 'config');
  const key = await readFile(keyPath, 'utf8');
  await using partner = await connectSftp(gateway.address, {
    username: 'globex',
    password: 'a long secret',
  });
  const { sftp, ask } = partner;
  const handle = await ask<Buffer>((done) => sftp.open('open-upload', 'w', done));
  await ask((done) => sftp.write(handle, Buffer.from('abc'), 0, 3, 0, done));
  gateway.child.kill('SIGTERM');
  await expect
    .poll(() => gateway.lines.some(({ event }) => event === 'gateway closing'))
    .toBe(true);
  await ask((done) => sftp.write(handle, Buffer.from('def'), 0, 3, 3, done));
  await ask((done) => sftp.close(handle, done));
  if (gateway.child.exitCode === null) await once(gateway.child, 'exit');
  expect(gateway.child.exitCode).toBe(0);
  expect(await objectAt('globex/open-upload')).toBe('abcdef');
  await using _again = await openGateway('--config-bucket', 'config');
  expect(await readFile(keyPath, 'utf8')).toBe(key);
});

test.each([
  [[], 2, /required option '--bucket <name>' not specified/],
  [
    ['--bucket', 'inbox'],
    1,
    /name the partners with --partners, --config-bucket or --identity-function/,
  ],
  [['--bucket', 'x', '--partners', '.', '--config-bucket', 'y'], 2, /cannot be used with/],
  [['--bucket', 'x', '--port', 'ssh'], 2, /must be a whole number from 0 to 65535/],
  [['--bucket', 'missing', '--partners', '.'], 1, /The bucket missing at http.* cannot be used/],
])('%j exits with %i and one sentence', async (words, code, sentence) => {
  const child = start(...words, '--endpoint', standIn.endpoint, '--region', SETTINGS.region);
  const [said] = await Promise.all([text(child.stderr!), once(child, 'exit')]);
  expect(said).toMatch(sentence);
  expect(said.trim().split('\n')).toHaveLength(1);
  expect(child.exitCode).toBe(code);
});

test('--help names every option', async () => {
  const child = start('--help');
  const [said] = await Promise.all([text(child.stdout!), once(child, 'exit')]);
  expect(child.exitCode).toBe(0);
  for (const option of ['--bucket', '--endpoint', '--partners', '--identity-function', '--drain']) {
    expect(said).toContain(option);
  }
});
