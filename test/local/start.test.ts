import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cp, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { commandLineOf } from '../../shared/engine/clamd-process.ts';
import type { RuntimeInfo } from '../../local/runtime-info.ts';
import { startRuntime } from '../../local/runtime.ts';
import { runSftp } from '../support/sftp-client.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const MAIN = fileURLToPath(new URL('../../local/main.ts', import.meta.url));
const TEMPLATE = fileURLToPath(new URL('../../template.yaml', import.meta.url));

type Started = AsyncDisposable & {
  readonly process: ChildProcess;
  readonly stdout: Promise<string>;
  readonly stderr: Promise<string>;
};

function start(home: string, env: Record<string, string> = {}, args: string[] = []): Started {
  const child = spawn(process.execPath, [MAIN, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      AIRLOCK_HOME: home,
      AIRLOCK_SFTP_PORT: '0',
      AIRLOCK_SIGNATURES: 'test',
      ...env,
    },
  });
  const started = { process: child, stdout: text(child.stdout), stderr: text(child.stderr) };
  return {
    ...started,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await exitCode(started);
    },
  };
}

async function untilReady(home: string): Promise<RuntimeInfo> {
  const path = join(home, 'runtime.json');
  await expect.poll(() => existsSync(path)).toBe(true);
  return JSON.parse(await readFile(path, 'utf8')) as RuntimeInfo;
}

async function exitCode(started: Pick<Started, 'process'>): Promise<number | null> {
  if (started.process.exitCode === null && started.process.signalCode === null)
    await once(started.process, 'exit');
  return started.process.exitCode;
}

/** A zombie still exists, but has no command line. */
async function isAlive(pid: number): Promise<boolean> {
  return (await commandLineOf(pid)) !== '';
}

test('npm start prints how to try it, delivers a file, and stops cleanly on Ctrl-C', async () => {
  await using home = await temporaryDirectory();
  await using airlock = start(home.path);
  const info = await untilReady(home.path);
  expect(info.pid).toBe(airlock.process.pid);
  expect((await stat(join(home.path, 'runtime.json'))).mode & 0o077).toBe(0);
  const clamd = Number(await readFile(join(home.path, 'clamd/clamd.pid'), 'utf8'));
  expect(await isAlive(clamd)).toBe(true);

  const file = join(home.path, 'hello.txt');
  await writeFile(file, 'hello');
  const { code } = await runSftp(info.sftp, [`put ${file} hello.txt`]);
  expect(code).toBe(0);
  await expect.poll(() => existsSync(join(info.landingRoot, 'hello.txt'))).toBe(true);
  await expect
    .poll(() => readFile(join(home.path, 'notices.jsonl'), 'utf8'))
    .toContain('"outcome":"delivered"');

  const askedAt = Date.now();
  airlock.process.kill('SIGINT');
  expect(await exitCode(airlock)).toBe(0);
  expect(Date.now() - askedAt).toBeLessThan(5_000);
  expect(existsSync(join(home.path, 'runtime.json'))).toBe(false);
  await expect.poll(() => isAlive(clamd)).toBe(false);

  const output = await airlock.stdout;
  expect(output).toContain(
    `sftp -i ${info.sftp.privateKeyPath} -P ${info.sftp.port} demo@127.0.0.1`,
  );
  expect(output).toContain(info.sftp.password);
  expect(output).toContain(info.landingRoot);
  expect(output).toContain('TEST SIGNATURES ONLY');
  expect(output).toMatch(/\d\d:\d\d:\d\d {2}delivered {4}hello\.txt \(5 B\)\n/);
});

test('a second instance on the same state directory is refused in one sentence', async () => {
  await using home = await temporaryDirectory();
  await using first = await startRuntime({
    home: home.path,
    sftpPort: 0,
    signatures: 'test',
    warn: () => {},
  });
  await using second = start(home.path);
  expect(await exitCode(second)).toBe(1);
  expect(await second.stderr).toBe(
    `airlock: Another Airlock (process ${first.info.pid}) is running on ${home.path}.\n`,
  );
  expect(existsSync(join(home.path, 'runtime.json'))).toBe(true);
});

test('after a kill -9 the next start works and kills the clamd that was left behind', async () => {
  await using home = await temporaryDirectory();
  await using killed = start(home.path);
  await untilReady(home.path);
  const clamd = Number(await readFile(join(home.path, 'clamd/clamd.pid'), 'utf8'));
  killed.process.kill('SIGKILL');
  await exitCode(killed);

  await using next = await startRuntime({
    home: home.path,
    sftpPort: 0,
    signatures: 'test',
    warn: () => {},
  });
  expect(next.info.pid).toBe(process.pid);
  await expect.poll(() => isAlive(clamd)).toBe(false);
});

test('a port in use is reported with the variable that changes it', async () => {
  await using home = await temporaryDirectory();
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const address = taken.address();
  const port = typeof address === 'object' ? String(address?.port) : '';

  await using airlock = start(home.path, { AIRLOCK_SFTP_PORT: port });
  expect(await exitCode(airlock)).toBe(1);
  expect(await airlock.stderr).toBe(
    `airlock: Port ${port} is in use; choose another with AIRLOCK_SFTP_PORT.\n`,
  );
  taken.close();
  await once(taken, 'close');
});

test.each([
  [{ AIRLOCK_SFTP_PORT: 'ssh' }, /AIRLOCK_SFTP_PORT is "ssh"; it must be a number/],
  [{ AIRLOCK_SIGNATURES: '/nonexistent' }, /no ClamAV signature database in \/nonexistent\./],
])('an invalid setting (%o) gives one sentence and exit code 1', async (env, sentence) => {
  await using home = await temporaryDirectory();
  await using airlock = start(home.path, env);
  expect(await exitCode(airlock)).toBe(1);
  const output = await airlock.stderr;
  expect(output).toMatch(sentence);
  expect(output.trim().split('\n')).toHaveLength(1);
});

test('--help lists the settings', async () => {
  await using home = await temporaryDirectory();
  await using airlock = start(home.path, {}, ['--help']);
  expect(await exitCode(airlock)).toBe(0);
  for (const name of ['AIRLOCK_HOME', 'AIRLOCK_SFTP_PORT', 'AIRLOCK_SIGNATURES']) {
    expect(await airlock.stdout).toContain(name);
  }
});

test.each<[string, (template: string) => string, RegExp]>([
  ['YAML that does not parse', (it) => `${it}\n  : [`, /is not valid YAML/],
  ['no resources', () => 'Parameters: {}\n', /is not a SAM template: Resources/],
  [
    'a rule with an invalid pattern',
    (it) => it.replace('- Object Created', '- { prefix: 1 }'),
    /rule airlock-arrival-rule is invalid: .*Event pattern is not valid/,
  ],
  [
    'a reference to nothing',
    (it) => it.replace('INGEST_QUEUE_URL: !Ref IngestQueue', 'INGEST_QUEUE_URL: !Ref Nothing'),
    /IngestFunction\.Environment\.Variables\.INGEST_QUEUE_URL refers to Nothing/,
  ],
  [
    'a missing queue',
    (it) => it.replaceAll('IngestQueue', 'OtherQueue'),
    /The template has no IngestQueue/,
  ],
])('a template with %s is refused in one sentence', async (_name, breakIt, sentence) => {
  await using home = await temporaryDirectory();
  const templatePath = join(home.path, 'template.yaml');
  await cp(TEMPLATE, templatePath);
  await writeFile(templatePath, breakIt(await readFile(templatePath, 'utf8')));
  const starting = startRuntime({
    home: home.path,
    sftpPort: 0,
    signatures: 'test',
    templatePath,
    warn: () => {},
  });
  await expect(starting).rejects.toThrow(sentence);
  await expect(starting).rejects.toMatchObject({ name: 'StartError' });
});
