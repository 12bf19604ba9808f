import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import ssh2 from '../../gateway/ssh/ssh2.ts';
import { expect } from 'vitest';
import { connectSftp, runSftp } from '../support/sftp-client.ts';
import { test } from './gateway-test.ts';
import { allowEveryone, openGateway, type OpenGateway } from './open-gateway.ts';

const MIB = 1024 * 1024;

/** A TCP connection that sends nothing. */
async function silent({ server }: OpenGateway): Promise<Socket> {
  const socket = connect({ host: server.host, port: server.port });
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

async function greetingOf(gateway: OpenGateway): Promise<string> {
  const socket = await silent(gateway);
  const [said]: unknown[] = await once(socket, 'data');
  socket.destroy();
  return String(said);
}

test('connections that are not logged in are limited in number per address, and in time', async () => {
  await using gateway = await openGateway({ limits: { halfOpenPerAddress: 3, loginGraceMs: 700 } });
  const sockets = await Promise.all([silent(gateway), silent(gateway), silent(gateway)]);
  expect(await greetingOf(gateway)).toContain('Try again later');
  await gateway.logged('connection refused', { reason: 'too-many-half-open' });
  await Promise.all(sockets.map((socket) => once(socket.resume(), 'close')));
  await using partner = await gateway.connect();
  expect(partner.client).toBeDefined();
});

test('connections that have logged in do not count as half open', async () => {
  await using gateway = await openGateway({ limits: { halfOpenPerAddress: 2 } });
  await using stack = new AsyncDisposableStack();
  for (let count = 0; count < 5; count++) stack.use(await gateway.connect());
  expect(await greetingOf(gateway)).toContain('SSH-2.0-Airlock');
});

test('connections beyond the limit are refused', async () => {
  await using gateway = await openGateway({ limits: { connections: 2 } });
  await using first = await gateway.connect();
  await using second = await gateway.connect();
  expect([first, second]).toHaveLength(2);
  expect(await greetingOf(gateway)).toContain('too many connections');
  await gateway.logged('connection refused', { reason: 'too-many-connections' });
});

test('connections of one partner beyond the limit are refused with a message', async () => {
  await using gateway = await openGateway({ limits: { connectionsPerPartner: 2 } });
  await using stack = new AsyncDisposableStack();
  for (let count = 0; count < 2; count++) stack.use(await gateway.connect());
  const refused = await gateway.run('ls');
  expect(refused.code).not.toBe(0);
  expect(refused.stderr).toContain('You have too many open connections');
  await stack.disposeAsync();
  await expect.poll(async () => (await gateway.run('ls')).code).toBe(0);
});

test('wrong passwords are answered more and more slowly, until the address is refused', async () => {
  await using gateway = await openGateway({ limits: { failuresPerAddress: 4 } });
  const login = { username: 'demo', password: 'guess' };
  const startedAt = performance.now();
  for (let guess = 0; guess < 4; guess++) {
    await expect(connectSftp(gateway.server, login)).rejects.toThrow(
      /authentication methods failed/,
    );
  }
  // The first two are not delayed, the next ones by 100 and 200 ms.
  expect(performance.now() - startedAt).toBeGreaterThan(300);
  expect(await greetingOf(gateway)).toContain('failed logins');
  const { username, privateKeyPath } = gateway.credentials;
  const run = await runSftp({ ...gateway.server, username, privateKeyPath }, ['ls']);
  expect(run.code).not.toBe(0);
  await gateway.logged('connection refused', { reason: 'too-many-failures' });
});

test('of guesses made at once, no more are judged than the address may make', async () => {
  const judged: string[] = [];
  await using gateway = await openGateway({
    limits: { failuresPerAddress: 4, halfOpenPerAddress: 30 },
    authenticate: async (attempt) => {
      judged.push(attempt.method);
      await nextTurn();
      return { refused: 'denied' };
    },
  });
  const guesses = Array.from({ length: 20 }, (_, index) =>
    connectSftp(gateway.server, { username: 'demo', password: `guess ${index}` }),
  );
  for (const { status } of await Promise.allSettled(guesses)) expect(status).toBe('rejected');
  expect(judged).toHaveLength(4);
  await gateway.logged('login refused', { reason: 'too-many-failures' });
});

test('many right logins at once are all let in, although few may be wrong', async () => {
  await using gateway = await openGateway({
    limits: { failuresPerAddress: 2, halfOpenPerAddress: 30 },
    authenticate: async (attempt) => {
      await nextTurn();
      return allowEveryone()(attempt);
    },
  });
  await using stack = new AsyncDisposableStack();
  const { username, password } = gateway.credentials;
  const partners = await Promise.all(
    Array.from({ length: 12 }, () => connectSftp(gateway.server, { username, password })),
  );
  for (const partner of partners) stack.use(partner);
  expect(partners).toHaveLength(12);
});

test('a name that many guess at is still open to its partner, with the password and with the key', async () => {
  await using gateway = await openGateway({
    limits: { failuresPerName: 2, nameDelayMs: 300, failuresPerAddress: 100 },
  });
  const { username, password, privateKeyPath } = gateway.credentials;
  const login = async (given: string) => {
    const startedAt = performance.now();
    const connected = connectSftp(gateway.server, { username, password: given });
    const isIn = await connected.then(
      (partner) => partner[Symbol.asyncDispose]().then(() => true),
      () => false,
    );
    return { isIn, tookMs: performance.now() - startedAt };
  };
  for (const guess of ['one', 'two']) expect(await login(guess)).toMatchObject({ isIn: false });
  // Right or wrong, an answer to a stranger now takes longer.
  for (const given of ['three', password]) {
    const { isIn, tookMs } = await login(given);
    expect([isIn, tookMs > 290]).toEqual([given === password, true]);
  }
  const run = await runSftp({ ...gateway.server, username, privateKeyPath }, ['ls']);
  expect(run.code).toBe(0);
});

test('unknown keys do not count as guesses', async () => {
  await using gateway = await openGateway({ limits: { failuresPerAddress: 1 } });
  for (let count = 0; count < 3; count++) {
    const { private: privateKey } = ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256 });
    const login = { username: 'demo', privateKey };
    await expect(connectSftp(gateway.server, login)).rejects.toThrow(
      /authentication methods failed/,
    );
  }
  await using partner = await gateway.connect();
  expect(partner.client).toBeDefined();
});

test('an idle connection is closed, and a busy one is not', async () => {
  await using gateway = await openGateway({ limits: { idleMs: 400 } });
  await using idle = await gateway.connect();
  await using busy = await gateway.connect();
  const { sftp, ask } = busy;
  const closed = { isSo: false };
  idle.client.once('close', () => {
    closed.isSo = true;
  });
  while (!closed.isSo) await ask((done) => sftp.realpath('.', done));
  await gateway.logged('session idle');
  expect(await ask<string>((done) => sftp.realpath('.', done))).toBe('/');
});

test('ten sessions may share a connection, and the eleventh is refused', async ({
  gateway,
  partner,
}) => {
  const { client, ask } = partner;
  const more = await Promise.all(
    Array.from({ length: 9 }, () => ask<ssh2.SFTPWrapper>((done) => client.sftp(done))),
  );
  await Promise.all(
    more.map((sftp, index) => ask((done) => sftp.writeFile(`shared-${index}`, 'x', done))),
  );
  expect(await gateway.keys()).toHaveLength(9);
  await expect(ask((done) => client.sftp(done))).rejects.toThrow(/SFTP|channel|open/i);
});

test('large uploads over sessions that share a connection take turns, and all are stored', async ({
  gateway,
  partner,
}) => {
  const { client, ask } = partner;
  const bytes = randomBytes(12 * MIB);
  await Promise.all(
    Array.from({ length: 3 }, async (_, index) => {
      const sftp = await ask<ssh2.SFTPWrapper>((done) => client.sftp(done));
      await ask((done) => sftp.writeFile(`turn-${index}`, bytes, done));
    }),
  );
  for (const index of [0, 1, 2]) {
    expect((await gateway.object(`turn-${index}`)).equals(bytes)).toBe(true);
  }
});

test('a stopping gateway lets open uploads finish, and refuses new files', async () => {
  await using gateway = await openGateway({ drainMs: 20_000 });
  await using busy = await gateway.connect();
  await using idle = await gateway.connect();
  const { sftp, ask } = busy;
  const handle = await ask<Buffer>((done) => sftp.open('open-upload', 'w', done));
  await ask((done) => sftp.write(handle, Buffer.from('abc'), 0, 3, 0, done));
  const idleClosed = once(idle.client, 'close');
  const stopping = gateway.server[Symbol.asyncDispose]();
  await idleClosed;
  await expect(gateway.connect()).rejects.toThrow('ECONNREFUSED');
  await expect(ask((done) => sftp.open('more', 'w', done))).rejects.toThrow('is stopping');
  await ask((done) => sftp.write(handle, Buffer.from('def'), 0, 3, 3, done));
  await ask((done) => sftp.close(handle, done));
  await stopping;
  expect(await gateway.object('open-upload')).toEqual(Buffer.from('abcdef'));
});
