import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import type { ParsedKey } from 'ssh2';
import ssh2 from '../../gateway/ssh/ssh2.ts';
import { expect } from 'vitest';
import { startSshServer, type LoginAttempt } from '../../gateway/ssh/server.ts';
import { connectSftp, runSftp } from '../support/sftp-client.ts';
import { test } from './gateway-test.ts';
import { allowEveryone, openGateway } from './open-gateway.ts';

test('the demo partner logs in with the password or the key', async ({ gateway }) => {
  const { username, password } = gateway.credentials;
  await using byPassword = await connectSftp(gateway.server, { username, password });
  await using byKey = await gateway.connect();
  for (const { ask, sftp } of [byPassword, byKey]) {
    expect(await ask<string>((done) => sftp.realpath('.', done))).toBe('/');
  }
});

test('a wrong password, an unknown user and an unknown key are refused', async ({ gateway }) => {
  const { username, password } = gateway.credentials;
  const refused = /authentication methods failed/;
  const { server } = gateway;
  await expect(connectSftp(server, { username, password: 'guess' })).rejects.toThrow(refused);
  await expect(connectSftp(server, { username: 'root', password })).rejects.toThrow(refused);
  await expect(connectSftp(server, { username, privateKey: unknownKey() })).rejects.toThrow(
    refused,
  );
  const run = await runSftp(
    {
      host: server.host,
      port: server.port,
      username: 'root',
      privateKeyPath: gateway.credentials.privateKeyPath,
    },
    ['ls'],
  );
  expect(run.code).toBe(255);
  expect(run.stderr).toContain('Permission denied (publickey,password)');
});

test('a known key is refused unless the client proves that it has the private key', async () => {
  const attempts: LoginAttempt[] = [];
  await using gateway = await openGateway({
    authenticate: async (attempt) => {
      attempts.push(attempt);
      return allowEveryone()(attempt);
    },
  });
  // The public key of one pair, signatures by another.
  const offered = parsed(unknownKey());
  const signer = parsed(unknownKey());
  class Forger extends ssh2.BaseAgent {
    override getIdentities(done: (error: undefined, keys: ParsedKey[]) => void) {
      done(undefined, [offered]);
    }
    override sign(_key: unknown, data: Buffer, ...rest: unknown[]) {
      const done = rest.at(-1);
      if (typeof done === 'function') done(undefined, signer.sign(data));
    }
  }
  const client = new ssh2.Client();
  const { host, port } = gateway.server;
  const outcome = new Promise<string>((resolve) => {
    client.once('ready', () => resolve('ready')).on('error', ({ message }) => resolve(message));
  });
  client.connect({ host, port, username: 'anyone', agent: new Forger() });
  expect(await outcome).toContain('authentication methods failed');
  expect(attempts.map(({ method }) => method)).toEqual(['publickey']);
});

test('the sixth failed login ends the connection', async () => {
  const tried: string[] = [];
  await using gateway = await openGateway({
    authenticate: async (attempt) => {
      if (attempt.method === 'password') tried.push(attempt.password);
      return { refused: 'denied' };
    },
  });
  const { host, port } = gateway.server;
  const client = new ssh2.Client();
  const closed = once(client, 'close');
  client.on('error', () => {});
  client.connect({
    host,
    port,
    username: 'demo',
    authHandler: (_left, _partial, next) =>
      next({ type: 'password', username: 'demo', password: `guess ${tried.length}` }),
  });
  await closed;
  expect(tried).toHaveLength(6);
});

test('a login is refused when the identity provider fails', async () => {
  await using gateway = await openGateway({
    authenticate: () => Promise.reject(new Error('down')),
  });
  await expect(gateway.connect()).rejects.toThrow('authentication methods failed');
  await gateway.logged('login refused', { reason: 'identity-provider-failed' });
});

test('a partner whose home is a prefix sees it as the root, and nothing outside', async () => {
  await using gateway = await openGateway({ authenticate: allowEveryone('partners/acme') });
  await gateway.put('partners/secret', 'x');
  await gateway.put('partners/acme2/secret', 'x');
  await gateway.put('partners/acme/own', 'mine');
  await using partner = await gateway.connect();
  const { sftp, ask } = partner;
  for (const path of ['../secret', '/../secret', 'a/../../secret', '../acme2/secret', '2/secret']) {
    await expect(ask((done) => sftp.readFile(path, done))).rejects.toThrow('no such file');
  }
  await ask((done) => sftp.writeFile('../../../escaped', 'y', done));
  expect(await gateway.keys()).toContain('partners/acme/escaped');
  const listed = await ask<Array<{ filename: string }>>((done) => sftp.readdir('..', done));
  expect(listed.map(({ filename }) => filename)).toEqual(['escaped', 'own']);
});

test('commands and shells are refused with a message', async ({ gateway }) => {
  const { username, privateKeyPath } = gateway.credentials;
  const ssh = async (...args: string[]) => {
    const options = ['StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'BatchMode=yes'];
    const child = spawn('ssh', [
      ...options.flatMap((option) => ['-o', option]),
      '-p',
      String(gateway.server.port),
      '-i',
      privateKeyPath,
      `${username}@127.0.0.1`,
      ...args,
    ]);
    child.stdin.end();
    const [stderr] = await Promise.all([text(child.stderr), once(child, 'close')]);
    return { code: child.exitCode, stderr };
  };
  for (const args of [['id'], [], ['-tt']]) {
    const { code, stderr } = await ssh(...args);
    const expected = expect.stringContaining('This server speaks SFTP and SCP only.');
    expect({ args, code, stderr }).toEqual({ args, code: 1, stderr: expected });
  }
  await using partner = await gateway.connect();
  expect(await partner.ask<string>((done) => partner.sftp.realpath('.', done))).toBe('/');
});

test('a client that does not speak SSH is disconnected, and a silent one does not delay closing', async ({
  gateway,
}) => {
  const { host, port } = gateway.server;
  const stranger = connect({ host, port });
  stranger.on('error', () => {}).resume();
  stranger.write('GET / HTTP/1.1\r\n\r\n'.repeat(2_000));
  await once(stranger, 'close');
  const silent = connect({ host, port });
  silent.on('error', () => {}).resume();
  const closed = once(silent, 'close');
  await once(silent, 'connect');
  await gateway.server[Symbol.asyncDispose]();
  await closed;
  expect([stranger.destroyed, silent.destroyed]).toEqual([true, true]);
});

test('a port in use is reported as EADDRINUSE', async ({ gateway }) => {
  const second = startSshServer({
    host: '127.0.0.1',
    port: gateway.server.port,
    hostKey: gateway.credentials.hostKey,
    s3: gateway.s3,
    serverId: 's-local',
    authenticate: async () => ({ refused: 'denied' }),
    log: () => {},
  });
  await expect(second).rejects.toMatchObject({ code: 'EADDRINUSE' });
});

/** A private key that the gateway does not know. */
function unknownKey(): string {
  for (;;) {
    const { private: key } = ssh2.utils.generateKeyPairSync('ed25519');
    // See `newPrivateKey` in credentials.ts.
    if (!(ssh2.utils.parseKey(key) instanceof Error)) return key;
  }
}

function parsed(privateKey: string): ParsedKey {
  const key = ssh2.utils.parseKey(privateKey);
  if (key instanceof Error) throw key;
  return key;
}
